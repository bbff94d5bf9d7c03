/**
 * Finding parameters in the order of their names, by ranges of keys: what is not returned is not read, where no filter
 * has to look.
 */
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { idsOfAll, justAfter, OrderedIds, oneShard, WithPrefix, type IdSource } from '../../tags/index.ts';
import { hasExpired } from './read-parameter.ts';
import { levelPartition, nameShards, orderPartition, parameterKey, type ParameterItem } from './store.ts';

/** Parameters that a page looks at, however few of them fit: it is then short, and its token goes on. */
const mostRead = 1000;
/** Names, where the name alone says that it does not fit. */
const mostNames = 10_000;
/** Rows of one read. */
const batch = 100;

/** All names, or those that begin so. */
export function namesFrom(context: Context, prefix: string, pageSize: number): IdSource {
  return new WithPrefix(
    new OrderedIds(
      nameShards,
      async (shard, from, limit) =>
        idsOf(await context.state.query({ pk: orderPartition(shard), ...(from === '' ? {} : { from }), limit })),
      pageSize,
    ),
    prefix,
  );
}

/** The names directly under a path; the empty path is the root. */
export function namesIn(context: Context, path: string, pageSize: number): IdSource {
  return new OrderedIds(
    oneShard,
    async (_shard, from, limit) =>
      idsOf(await context.state.query({ pk: levelPartition(path), ...(from === '' ? {} : { from }), limit })),
    pageSize,
  );
}

/** The names under a path: all, or those of one level. */
export function namesUnder(context: Context, path: string, recursive: boolean, pageSize: number): IdSource {
  return recursive ? namesFrom(context, `${path}/`, pageSize) : namesIn(context, path, pageSize);
}

function idsOf({ rows, next }: { readonly rows: readonly { readonly sk: string }[]; readonly next?: string }): {
  ids: readonly string[];
  more: boolean;
} {
  return { ids: rows.map(({ sk }) => sk), more: next !== undefined };
}

export interface Search {
  /** What is found is in all of them. */
  readonly sources: readonly IdSource[];
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Says no of a name whose parameter need not be read. */
  readonly mayFit?: ((id: string) => boolean) | undefined;
  /** Whether a parameter that has been read fits. */
  readonly fits?: ((item: ParameterItem) => boolean) | undefined;
}

export interface FoundPage {
  readonly found: readonly Row<ParameterItem>[];
  /** Where the next page goes on; absent at the end. */
  readonly next?: { readonly after: string };
}

export async function findParameters(
  context: Context,
  { sources, after, limit, mayFit, fits }: Search,
): Promise<FoundPage> {
  const found: Row<ParameterItem>[] = [];
  let last = after;
  let names = 0;
  let read = 0;
  // Where nothing is left out, a page is what it shows and one more.
  const size = mayFit === undefined && fits === undefined ? Math.min(batch, limit + 1) : batch;
  for (;;) {
    const ids = await idsOfAll(sources, last === undefined ? '' : justAfter(last), size);
    const wanted = mayFit === undefined ? ids : ids.filter(mayFit);
    const rows = await readAll(context, wanted);
    for (const id of wanted) {
      const row = rows.get(id);
      if (row !== undefined && (fits === undefined || fits(row.body))) {
        if (found.length === limit) return { found, next: { after: last! } };
        found.push(row);
      }
      last = id;
    }
    last = ids.at(-1) ?? last;
    if (ids.length < size) return { found };
    names += ids.length;
    read += wanted.length;
    if (read >= mostRead || names >= mostNames) return { found, next: { after: last! } };
  }
}

/**
 * A page of all that stands under a path. Where that is one range of one partition, which it is for every path but the
 * root, it is read as such.
 */
export async function listParameters(
  context: Context,
  path: string,
  recursive: boolean,
  { after, limit }: Pick<Search, 'after' | 'limit'>,
): Promise<FoundPage> {
  if (recursive && path === '')
    return findParameters(context, { sources: [namesFrom(context, '/', limit + 1)], after, limit });
  const pk = recursive ? orderPartition(nameShards.shardOf(path)) : levelPartition(path);
  // No character of names comes after the tilde.
  const range = { from: after === undefined ? `${path}/` : justAfter(after), to: `${path}/~` };
  const page = await context.state.query({ pk, ...range, limit: limit + 1 });
  const ids = page.rows.slice(0, limit).map(({ sk }) => sk);
  const rows = await readAll(context, ids);
  const last = ids.at(-1);
  const more = page.rows.length > limit || page.next !== undefined;
  return {
    found: ids.map((id) => rows.get(id)).filter((row) => row !== undefined),
    ...(more && last !== undefined ? { next: { after: last } } : {}),
  };
}

async function readAll(context: Context, ids: readonly string[]): Promise<ReadonlyMap<string, Row<ParameterItem>>> {
  if (ids.length === 0) return new Map();
  const rows = await context.state.getMany<ParameterItem>(ids.map(parameterKey));
  return new Map(
    rows.filter(({ body }) => !hasExpired(body, context)).map((row) => [row.pk.slice(parameterKey('').pk.length), row]),
  );
}
