/**
 * Finds parameters in the order of their names, by ranges of keys. Where no filter needs the parameter itself, only
 * returned parameters are read.
 */
import type { Context } from '../../../core/context.ts';
import { collectPage, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import type { Row } from '../../../core/state.ts';
import {
  idsOfAll,
  justAfter,
  OrderedIds,
  oneShard,
  tagsKey,
  WithPrefix,
  type IdSource,
  type Tags,
  type TagsItem,
} from '../../tags/index.ts';
import { hasExpired } from './read-parameter.ts';
import {
  levelPartition,
  nameShards,
  orderPartition,
  parameterKey,
  parameterResource,
  type ParameterItem,
} from './store.ts';

/** The cost of a name whose parameter is not read: a page may look at ten times as many of them. */
const costOfName = 0.1;
/** Rows of one read. */
const batch = 100;

/** All names, or those with a prefix. */
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

/** The names directly below a path; the empty path is the root. */
export function namesIn(context: Context, path: string, pageSize: number): IdSource {
  return new OrderedIds(
    oneShard,
    async (_shard, from, limit) =>
      idsOf(await context.state.query({ pk: levelPartition(path), ...(from === '' ? {} : { from }), limit })),
    pageSize,
  );
}

/** The names below a path: all, or those of one level. */
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
  /** Results are in all sources. */
  readonly sources: readonly IdSource[];
  /** The last id of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Returns false for a name whose parameter need not be read. */
  readonly mayFit?: ((id: string) => boolean) | undefined;
  /** Whether a parameter that was read matches. */
  readonly fits?: ((item: ParameterItem) => boolean) | undefined;
  /** Whether its tags match. Where this is given, tags are read first, and the parameter only when they match. */
  readonly tagsFit?: ((tags: Tags) => boolean) | undefined;
}

export interface FoundPage {
  readonly found: readonly Row<ParameterItem>[];
  /** Where the next page continues; absent at the end. */
  readonly next?: { readonly after: string };
}

export async function findParameters(context: Context, search: Search): Promise<FoundPage> {
  const { limit, fits } = search;
  const { items, next } = await collectPage(parametersBehind(context, search), { limit }, (row) =>
    row !== undefined && (fits === undefined || fits(row.body)) ? row : undefined,
  );
  return { found: items, ...(next === undefined ? {} : { next }) };
}

/** The names that all sources have, with their parameters; `undefined` for one that is gone or does not match. */
async function* parametersBehind(
  context: Context,
  { sources, after, limit, mayFit, fits, tagsFit }: Search,
): AsyncGenerator<Candidate<Row<ParameterItem> | undefined, TextPosition>> {
  // Where nothing is filtered, the first read is one page and one row more.
  const isSifted = mayFit !== undefined || fits !== undefined || tagsFit !== undefined;
  const size = isSifted ? batch : Math.min(batch, limit + 1);
  let last = after;
  for (;;) {
    const ids = await idsOfAll(sources, last === undefined ? '' : justAfter(last), size);
    const named = mayFit === undefined ? ids : ids.filter(mayFit);
    const wanted = tagsFit === undefined ? named : await withTags(context, named, tagsFit);
    const rows = await readAll(context, wanted);
    const read = new Set(named);
    for (const id of ids) yield { item: rows.get(id), position: { after: id }, cost: read.has(id) ? 1 : costOfName };
    last = ids.at(-1);
    if (ids.length < size || last === undefined) return;
  }
}

async function withTags(context: Context, ids: readonly string[], fit: (tags: Tags) => boolean): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await context.state.getMany<TagsItem>(ids.map((id) => tagsKey(parameterResource, id)));
  const tags = new Map(rows.map((row) => [row.pk, row.body.tags]));
  return ids.filter((id) => fit(tags.get(tagsKey(parameterResource, id).pk) ?? {}));
}

/**
 * A page of all parameters below a path. For every path but the root this is one range of one partition, and is read as
 * such.
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
  // The tilde sorts after every character of names.
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
