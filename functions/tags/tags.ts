/** Reading and writing tags, as other rooms need it beside their own rows. */
import type { Context } from '../../core/context.ts';
import type { Page, Write } from '../../core/state.ts';
import { indexWrites, taggedKeyPartition, taggedPartition, tagsKey, tagsWrite, type TagIndex, type Tags, type TagsItem, type TagTarget } from './store.ts';

/** A resource's tags; empty when it has none. */
export async function tagsOf(context: Context, resourceType: string, resourceId: string): Promise<Tags> {
  return (await context.state.get<TagsItem>(tagsKey(resourceType, resourceId)))?.body.tags ?? {};
}

/** The row that holds a resource's tags: for rooms that read it together with their own rows. */
export { tagsKey, type TagsItem };

/**
 * The writes that give a new resource its tags, for the transaction that makes it: one row, and one more
 * per tag where the kind is found by tag. None when there are no tags.
 */
export function writeTags(target: TagTarget, tags: Tags): Write[] {
  return Object.keys(tags).length === 0 ? [] : [tagsWrite(target, tags), ...indexWrites(target, {}, tags)];
}

/**
 * The writes that take a removed resource's tags away, for the transaction that removes it; that fails when
 * the tags change meanwhile.
 */
export async function removeTags(context: Context, target: TagTarget): Promise<Write[]> {
  const key = tagsKey(target.resourceType, target.resourceId);
  const row = await context.state.get<TagsItem>(key);
  if (row === undefined) return [{ delete: key, when: { row: 'absent' } }];
  return [{ delete: key, when: { version: row.version } }, ...indexWrites(target, row.body.tags, {})];
}

/** Which of a kind's resources to read: those with this key, and with this value where one is given. */
export interface TaggedQuery {
  readonly resourceType: string;
  readonly index: TagIndex;
  readonly shard: string;
  readonly key: string;
  readonly value?: string | undefined;
  /** Ids from here on, inclusive. */
  readonly from: string;
  readonly limit: number;
}

/** Ids with a tag, in order. By key and value: at once. By key alone: through an index that may lag. */
export async function taggedIds(context: Context, query: TaggedQuery): Promise<{ readonly ids: readonly string[]; readonly more: boolean }> {
  const { resourceType, shard, key, value, limit } = query;
  // An index or key condition cannot be an empty string.
  const from = query.from === '' ? {} : { from: query.from };
  const page: Page =
    value === undefined
      ? await context.state.query({ pk: taggedKeyPartition(resourceType, shard, key), index: 'index1', ...from, limit })
      : await context.state.query({ pk: taggedPartition(resourceType, shard, key, value), ...from, limit });
  return { ids: page.rows.map((row) => row.sk), more: page.next !== undefined };
}
