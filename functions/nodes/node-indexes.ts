/**
 * Rows that are derived from a node's row and written with it: index rows for finding it by its attributes, and
 * counters of equal nodes. They change only when the node's row does, which is rare; a heart-beat does not change them.
 */
import { createHash } from 'node:crypto';
import type { Write } from '../../core/state.ts';
import { attributePartition, kindsPartition, nodeShards, type NodeItem } from './store.ts';

/** The attributes by which nodes can be found. */
export const indexedAttributes = [
  'activationId',
  'iamRole',
  'agentVersion',
  'platformType',
  'computerName',
  'ipAddress',
] as const;
export type IndexedAttribute = (typeof indexedAttributes)[number];

/** The attributes by which nodes are counted. */
const kindAttributes = ['agentVersion', 'platformType', 'platformName', 'platformVersion', 'availabilityZone'] as const;
export type NodeKind = Readonly<Pick<NodeItem, (typeof kindAttributes)[number]>>;

export interface KindItem extends NodeKind {
  readonly count: number;
}

type Attributes = Partial<Pick<NodeItem, IndexedAttribute | (typeof kindAttributes)[number]>>;

/**
 * The writes for a node that changes from `before` to `after`: up to two rows for each attribute, and two counters. Put
 * them into the transaction that changes the node; it must fail if the node has changed meanwhile.
 * @param before `undefined`: the node is new
 * @param after `undefined`: the node is deleted
 */
export function indexNode(nodeId: string, before: Attributes | undefined, after: Attributes | undefined): Write[] {
  const shard = nodeShards.shardOf(nodeId);
  const writes: Write[] = [];
  for (const attribute of indexedAttributes) {
    const [old, value] = [before?.[attribute], after?.[attribute]];
    if (old === value) continue;
    if (old !== undefined) writes.push({ delete: { pk: attributePartition(attribute, shard, old), sk: nodeId } });
    if (value !== undefined)
      writes.push({ put: { pk: attributePartition(attribute, shard, value), sk: nodeId }, body: {} });
  }
  if (
    before === undefined ||
    after === undefined ||
    kindAttributes.some((attribute) => before[attribute] !== after[attribute])
  ) {
    if (before !== undefined) writes.push(count(before, shard, -1));
    if (after !== undefined) writes.push(count(after, shard, 1));
  }
  return writes;
}

function count(node: Attributes, shard: string, by: 1 | -1): Write {
  const kind = Object.fromEntries(kindAttributes.map((attribute) => [attribute, node[attribute]]));
  // Agents choose these texts, and a sort key has only 1,024 bytes.
  const sk = createHash('sha256')
    .update(JSON.stringify(kindAttributes.map((attribute) => node[attribute] ?? null)))
    .digest('base64url');
  return { update: { pk: kindsPartition(shard), sk }, set: kind, add: { count: by } };
}
