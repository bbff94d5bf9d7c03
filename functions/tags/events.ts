/** The events that this room emits. */
import type { Context } from '../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../core/events.ts';
import type { Tags, TagTarget } from './store.ts';

/** As AWS's own event Tag Change on Resource. */
export interface TagChange {
  /** The name in the tags' operations: `ManagedInstance`. */
  readonly 'resource-type': string;
  readonly 'resource-id': string;
  readonly 'changed-tag-keys': readonly string[];
  /** All tags after the change. */
  readonly tags: Tags;
  /** Grows by one with each change of the resource's tags. */
  readonly version: number;
}

export type GroupChangeKind = 'created' | 'updated' | 'deleted';

export interface GroupChange {
  readonly 'group-name': string;
  readonly change: GroupChangeKind;
  /** JSON text of the query. Absent for a new group. */
  readonly 'query-before'?: string;
  /** JSON text of the query. Absent for a deleted group. */
  readonly 'query-after'?: string;
}

/** @returns no event where the tags are unchanged */
export function tagsChanged(
  context: Context,
  { resourceType, resourceId }: TagTarget,
  before: Tags,
  after: Tags,
  version: number,
): OutgoingEvent<TagChange>[] {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  );
  if (changed.length === 0) return [];
  return [
    newEvent(context, 'Flotilla Tag Change', {
      resources: [],
      detail: {
        'resource-type': resourceType,
        'resource-id': resourceId,
        'changed-tag-keys': changed.sort(),
        tags: after,
        version,
      },
    }),
  ];
}

/** Published for a group whose members may have changed. */
export function groupChanged(
  context: Context,
  name: string,
  { before, after }: { readonly before?: string; readonly after?: string },
  groupArn: string,
): OutgoingEvent<GroupChange> {
  const change = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated';
  return newEvent(context, 'Flotilla Resource Group Change', {
    resources: [groupArn],
    detail: {
      'group-name': name,
      change,
      ...(before === undefined ? {} : { 'query-before': before }),
      ...(after === undefined ? {} : { 'query-after': after }),
    },
  });
}
