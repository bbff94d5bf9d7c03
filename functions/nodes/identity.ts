/** The key by which a node proves its identity. */
import type { Context } from '../../core/context.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Check, Update } from '../../core/state.ts';
import { identityKey, nodeKey, type IdentityItem } from './store.ts';

export type Identity = IdentityItem;

/** A registered node's key and fingerprint, or `undefined`. */
export async function identityOf(context: Context, nodeId: string): Promise<Identity | undefined> {
  return (await context.state.get<IdentityItem>(identityKey(nodeId)))?.body;
}

/** True while the node is registered: for transactions that need a registered node. */
export function whileRegistered(nodeId: string): Check {
  return { check: nodeKey(nodeId), when: { row: 'present' } };
}

/**
 * The write that replaces the key. The old key is valid until the new one is stored. The write fails when another key
 * has been stored meanwhile.
 */
export function replaceKey(
  old: Identity,
  key: Pick<Identity, 'publicKey' | 'publicKeyType'>,
  events: readonly OutgoingEvent[],
): Update {
  return { update: identityKey(old.nodeId), set: key, when: { equals: { publicKey: old.publicKey } }, events };
}
