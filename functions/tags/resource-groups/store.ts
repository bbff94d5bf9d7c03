/**
 * Where resource groups are kept.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | group | `RESOURCE-GROUPS` | `<name>` |
 *
 * Who belongs to a group is kept nowhere: its query is asked each time.
 */
import type { Key, Row, State } from '../../../core/state.ts';
import { oneShard, type TagTarget } from '../store.ts';

export interface GroupItem {
  readonly name: string;
  readonly description?: string | undefined;
  /** 1–10. */
  readonly criticality?: number | undefined;
  readonly owner?: string | undefined;
  readonly displayName?: string | undefined;
  /** The query as it was sent; it has been checked. */
  readonly query: string;
}

export const groupsPartition = 'RESOURCE-GROUPS';
export const groupKey = (name: string): Key => ({ pk: groupsPartition, sk: name });

/** The resource type of groups' tags. It is internal: ssm's operations do not know it. */
export const groupResource = 'ResourceGroup';
/** A group as a target of tags. */
export const groupTags = (name: string): TagTarget => ({
  resourceType: groupResource,
  resourceId: name,
  index: oneShard,
});

export async function readGroup(state: State, name: string): Promise<Row<GroupItem> | undefined> {
  return state.get<GroupItem>(groupKey(name));
}
