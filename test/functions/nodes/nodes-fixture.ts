/** Nodes for tests, made by the writes that registration uses. */
import { randomIds } from '../../../core/ids.ts';
import type { Context } from '../../../core/context.ts';
import { writeNode } from '../../../functions/nodes/index.ts';
import type { Tags } from '../../../functions/tags/index.ts';

/** Registers a node. @returns its id */
export async function makeNode(
  context: Context,
  { nodeId = randomIds.managedNode(), tags = {} }: { readonly nodeId?: string; readonly tags?: Tags } = {},
): Promise<string> {
  const node = {
    nodeId,
    registeredAt: context.clock.now(),
    activationId: '11111111-2222-4333-8444-555555555555',
    iamRole: 'NodeRole',
  };
  await context.state.transact(
    writeNode({ node, identity: { publicKey: 'none', publicKeyType: 'Rsa' }, tags, events: [] }),
  );
  return nodeId;
}

/** `mi-…` that ends in so much of a number, and begins with the digit of its shard. */
export function nodeIdOf(number: number): string {
  return `mi-${(number % 16).toString(16)}${number.toString(16).padStart(16, '0')}`;
}
