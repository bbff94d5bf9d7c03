/** The events that this room emits. */
import type { Context } from '../../core/context.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Tags, TagTarget } from './store.ts';

/** Shaped as AWS's own Tag Change on Resource, which needs a service of its own to send it. */
export interface TagChange {
  /** As the tags' operations name it: `ManagedInstance`. */
  readonly 'resource-type': string;
  readonly 'resource-id': string;
  readonly 'changed-tag-keys': readonly string[];
  /** All tags after the change. */
  readonly tags: Tags;
  /** One higher with each change of the resource's tags. */
  readonly version: number;
}

export type GroupChangeKind = 'created' | 'updated' | 'deleted';

export interface GroupChange {
  readonly 'group-name': string;
  readonly change: GroupChangeKind;
  /** JSON text of the query. Absent for a group that has been created. */
  readonly 'query-before'?: string;
  /** JSON text of the query. Absent for a group that has been deleted. */
  readonly 'query-after'?: string;
}

/** @returns no event where the tags stay as they were */
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
    {
      id: context.ids.uuid(),
      detailType: 'Flotilla Tag Change',
      time: context.clock.now(),
      resources: [],
      detail: {
        'resource-type': resourceType,
        'resource-id': resourceId,
        'changed-tag-keys': changed.sort(),
        tags: after,
        version,
      },
    },
  ];
}

/** Of a group whose members may be others from now on. */
export function groupChanged(
  context: Context,
  name: string,
  { before, after }: { readonly before?: string; readonly after?: string },
  groupArn: string,
): OutgoingEvent<GroupChange> {
  const change = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated';
  return {
    id: context.ids.uuid(),
    detailType: 'Flotilla Resource Group Change',
    time: context.clock.now(),
    resources: [groupArn],
    detail: {
      'group-name': name,
      change,
      ...(before === undefined ? {} : { 'query-before': before }),
      ...(after === undefined ? {} : { 'query-after': after }),
    },
  };
}
