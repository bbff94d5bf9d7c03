/** Reads and writes tags, for rooms that do so together with their own rows. */
import type { Context } from '../../core/context.ts';
import type { Query, Write } from '../../core/state.ts';
import { AnyOf, OrderedIds, type IdSource } from './ordered-ids.ts';
import {
  indexWrites,
  taggedKeyPartition,
  taggedPartition,
  tagsKey,
  tagsWrite,
  type TagIndex,
  type Tags,
  type TagsItem,
  type TagTarget,
} from './store.ts';

/** A resource's tags; empty when it has none. */
export async function tagsOf(context: Context, resourceType: string, resourceId: string): Promise<Tags> {
  return (await context.state.get<TagsItem>(tagsKey(resourceType, resourceId)))?.body.tags ?? {};
}

/** The row with a resource's tags, for rooms that read it together with their own rows. */
export { tagsKey, type TagsItem };

/**
 * The writes of a new resource's tags, for the transaction that makes it: one row, and one more for each tag where the
 * kind can be found by tag. Empty when there are no tags.
 */
export function writeTags(target: TagTarget, tags: Tags): Write[] {
  return Object.keys(tags).length === 0 ? [] : [tagsWrite(target, tags), ...indexWrites(target, {}, tags)];
}

/**
 * The writes that remove a deleted resource's tags, for the transaction that deletes it. It fails when the tags change
 * meanwhile.
 */
export async function removeTags(context: Context, target: TagTarget): Promise<Write[]> {
  const key = tagsKey(target.resourceType, target.resourceId);
  const row = await context.state.get<TagsItem>(key);
  if (row === undefined) return [{ delete: key, when: { row: 'absent' } }];
  return [{ delete: key, when: { version: row.version } }, ...indexWrites(target, row.body.tags, {})];
}

/** A kind that can be found by tag. */
export interface TaggedKind {
  readonly resourceType: string;
  readonly index: TagIndex;
}

/**
 * The ids of a kind that have a tag: with one of the values, or with any value where none is given. By key and value
 * the result is current; by key alone it comes from an index that may lag by moments.
 */
export function taggedIds(
  context: Pick<Context, 'state'>,
  kind: TaggedKind,
  key: string,
  values: readonly string[] = [],
): IdSource {
  if (values.length === 0)
    return idsIn(context, kind.index, (shard) => ({
      pk: taggedKeyPartition(kind.resourceType, shard, key),
      index: 'index1',
    }));
  return new AnyOf(
    [...new Set(values)].map((value) =>
      idsIn(context, kind.index, (shard) => ({ pk: taggedPartition(kind.resourceType, shard, key, value) })),
    ),
  );
}

function idsIn(
  { state }: Pick<Context, 'state'>,
  index: TagIndex,
  partitionOf: (shard: string) => Pick<Query, 'pk' | 'index'>,
): IdSource {
  return new OrderedIds(index, async (shard, from, limit) => {
    // A key condition cannot have an empty string.
    const page = await state.query({ ...partitionOf(shard), ...(from === '' ? {} : { from }), limit });
    return { ids: page.rows.map((row) => row.sk), more: page.next !== undefined };
  });
}
