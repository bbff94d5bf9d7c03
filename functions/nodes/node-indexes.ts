/**
 * The rows that follow from a node's own and are written with it: where it is found by what it is, and how many
 * are of its kind. They change when the node does, which is seldom: never with a heart-beat.
 */
import { createHash } from 'node:crypto';
import type { Write } from '../../core/state.ts';
import { attributePartition, kindsPartition, nodeShards, type NodeItem } from './store.ts';

/** What nodes are looked for by. */
export const indexedAttributes = [
  'activationId',
  'iamRole',
  'agentVersion',
  'platformType',
  'computerName',
  'ipAddress',
] as const;
export type IndexedAttribute = (typeof indexedAttributes)[number];

/** What nodes are counted by. */
const kindAttributes = ['agentVersion', 'platformType', 'platformName', 'platformVersion', 'availabilityZone'] as const;
export type NodeKind = Readonly<Pick<NodeItem, (typeof kindAttributes)[number]>>;

export interface KindItem extends NodeKind {
  readonly count: number;
}

type Attributes = Partial<Pick<NodeItem, IndexedAttribute | (typeof kindAttributes)[number]>>;

/**
 * The writes for a node that turns from `before` into `after`: up to two rows an attribute, and two counters.
 * They belong into the transaction that changes the node, which must fail if it is no longer as before.
 * @param before `undefined`: it is new. @param after `undefined`: it goes
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
  // Agents say what they like, and a sort key has 1,024 bytes.
  const sk = createHash('sha256')
    .update(JSON.stringify(kindAttributes.map((attribute) => node[attribute] ?? null)))
    .digest('base64url');
  return { update: { pk: kindsPartition(shard), sk }, set: kind, add: { count: by } };
}
