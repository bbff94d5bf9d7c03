/** Which inventory association is a node's, where several would be. Pure. */
import { meets, criteriaOf, type Node } from '../../nodes/index.ts';
import type { ListingItem } from './store.ts';

export const inventoryDocument = 'AWS-GatherSoftwareInventory';

export type InventoryVerdict =
  /** It is the node's. */
  | { readonly verdict: 'effective' }
  /** It is for every node, and one that names this node stands above it. AWS's words. */
  | { readonly verdict: 'overridden'; readonly detail: string }
  /** Two find the node by tags, and neither is the more specific. */
  | { readonly verdict: 'conflict'; readonly detail: string };

/**
 * A node has one inventory association: one that names it, by id or by tag, stands above one for all nodes.
 * @param others the other inventory associations
 */
export function effectiveInventory(association: ListingItem, others: readonly ListingItem[], node: Pick<Node, 'id' | 'tags'>): InventoryVerdict {
  const rivals = others.filter((other) => other.associationId !== association.associationId && !isForAll(other) && isOf(other, node));
  if (rivals.length === 0) return { verdict: 'effective' };
  if (isForAll(association)) return { verdict: 'overridden', detail: 'Overridden By Explicit Inventory Association' };
  const tagged = isByTag(association) ? rivals.find(isByTag) : undefined;
  if (tagged === undefined) return { verdict: 'effective' };
  return { verdict: 'conflict', detail: `The inventory association ${tagged.associationId} finds the node by its tags too` };
}

/** Whether an association is a node's by its targets. */
export function isOf({ targets }: Pick<ListingItem, 'targets'>, node: Pick<Node, 'id' | 'tags'>): boolean {
  const criteria = criteriaOf(targets);
  return criteria.length > 0 && meets(node, criteria);
}

function isForAll({ targets }: ListingItem): boolean {
  return criteriaOf(targets).every((criterion) => criterion.by === 'everything');
}

function isByTag({ targets }: ListingItem): boolean {
  return criteriaOf(targets).some((criterion) => criterion.by === 'tag' || criterion.by === 'tag-key');
}
