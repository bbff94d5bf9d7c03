/** Tags: one row with all tags of a resource, and an index row for each tag of kinds that can be found by tag. */
import type { Key, Put, Write } from '../../core/state.ts';

/**
 * Tag keys to values. At most 50 (AWS's quota; with more, a resource and its tags would not fit into one transaction).
 */
export type Tags = Readonly<Record<string, string>>;

export interface TagsItem {
  readonly tags: Tags;
}

/** How the index rows of a kind are spread over partitions, in the order of ids. */
export interface TagIndex {
  /** All shards, in the order of their ids. */
  readonly shards: readonly string[];
  shardOf(id: string): string;
}

/** For kinds with few resources: one partition for each tag. */
export const oneShard: TagIndex = { shards: [''], shardOf: () => '' };

export interface TagTarget {
  readonly resourceType: string;
  readonly resourceId: string;
  /** Present for kinds that can be found by tag. */
  readonly index?: TagIndex;
}

export function tagsKey(resourceType: string, resourceId: string): Key {
  return { pk: `TAGS#${resourceType}#${resourceId}`, sk: 'TAGS' };
}

/** The partition of ids with one key and value: rows of the base table, which are always current. */
export function taggedPartition(resourceType: string, shard: string, key: string, value: string): string {
  return `TAG#${resourceType}#${shard}#${JSON.stringify([key, value])}`;
}

/** The partition of ids with a key and any value: index1, which may lag by moments. */
export function taggedKeyPartition(resourceType: string, shard: string, key: string): string {
  return `TAGKEY#${resourceType}#${shard}#${key}`;
}

/** The index rows to write and delete when a resource's tags change from `before` to `after`. */
export function indexWrites(target: TagTarget, before: Tags, after: Tags): Write[] {
  const { resourceType, resourceId, index } = target;
  if (index === undefined) return [];
  const shard = index.shardOf(resourceId);
  const key = (name: string, value: string): Key => ({
    pk: taggedPartition(resourceType, shard, name, value),
    sk: resourceId,
  });
  const writes: Write[] = [];
  for (const [name, value] of Object.entries(before))
    if (after[name] !== value) writes.push({ delete: key(name, value) });
  for (const [name, value] of Object.entries(after))
    if (before[name] !== value)
      writes.push({
        put: key(name, value),
        body: {},
        indexes: { index1: { pk: taggedKeyPartition(resourceType, shard, name), sk: resourceId } },
      });
  return writes;
}

/** The write of a resource's tags. */
export function tagsWrite(target: TagTarget, tags: Tags): Put<TagsItem> {
  return { put: tagsKey(target.resourceType, target.resourceId), body: { tags } };
}
