/** Which inventory association is a node's, where several would be. Pure. */
import { mayRunOn, meets, type Node } from '../../nodes/index.ts';
import type { Candidate } from './target-entries.ts';

export const inventoryDocument = 'AWS-GatherSoftwareInventory';

export type InventoryVerdict =
  /** It is the node's. */
  | { readonly verdict: 'effective' }
  /** It is for every node, and one that names this node comes before it. AWS's words. */
  | { readonly verdict: 'overridden'; readonly detail: string }
  /** Two find the node by tags, and neither is the more specific. */
  | { readonly verdict: 'conflict'; readonly detail: string };

/**
 * A node has one inventory association: one that names it, by id or by tag, comes before one for all nodes.
 * @param all the inventory associations; one that is no more among them has no rivals
 */
export function effectiveInventory(
  associationId: string,
  all: readonly Candidate[],
  node: Pick<Node, 'id' | 'tags' | 'adminsOnly'>,
): InventoryVerdict {
  const own = all.find((candidate) => candidate.association.associationId === associationId);
  // One that may not run on the node does not keep another from running there.
  const rivals = all.filter(
    (other) => other !== own && !isForAll(other) && isOf(other, node) && mayRunOn(node, other.association),
  );
  if (own === undefined || rivals.length === 0) return { verdict: 'effective' };
  if (isForAll(own)) return { verdict: 'overridden', detail: 'Overridden By Explicit Inventory Association' };
  const tagged = isByTag(own) ? rivals.find(isByTag) : undefined;
  if (tagged === undefined) return { verdict: 'effective' };
  return {
    verdict: 'conflict',
    detail: `The inventory association ${tagged.association.associationId} finds the node by its tags too`,
  };
}

/** Whether an association is a node's by its targets. */
export function isOf({ criteria }: Pick<Candidate, 'criteria'>, node: Pick<Node, 'id' | 'tags'>): boolean {
  return criteria.length > 0 && meets(node, criteria);
}

function isForAll({ criteria }: Candidate): boolean {
  return criteria.every((criterion) => criterion.by === 'everything');
}

function isByTag({ criteria }: Candidate): boolean {
  return criteria.some((criterion) => criterion.by === 'tag' || criterion.by === 'tag-key');
}
