/** The key by which a node proves who it is. */
import type { Context } from '../../core/context.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import { identityKey, nodeKey, type IdentityItem } from './store.ts';

export type Identity = IdentityItem;

/** A registered node's key and fingerprint, or `undefined`. */
export async function identityOf(context: Context, nodeId: string): Promise<Identity | undefined> {
  return (await context.state.get<IdentityItem>(identityKey(nodeId)))?.body;
}

/**
 * Puts a new key in the place of the old one, in one step: the old one is good until the new one is stored.
 * @throws ConditionFailed when the node is gone or its key is another by now
 */
export async function replaceKey(context: Context, old: Identity, key: Pick<Identity, 'publicKey' | 'publicKeyType'>, events: readonly OutgoingEvent[]): Promise<void> {
  await context.state.transact([
    { check: nodeKey(old.nodeId), when: { row: 'present' } },
    { update: identityKey(old.nodeId), set: key, when: { equals: { publicKey: old.publicKey } }, events },
  ]);
}
