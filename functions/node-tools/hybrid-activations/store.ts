/**
 * Activations: the activation itself, its entry in the list, and a row for each slot that a node has taken. The slots
 * are counted when needed: registrations of many nodes would compete for a counter row.
 */
import type { Context } from '../../../core/context.ts';
import { padded } from '../../../core/keys-of-rows.ts';
import { queryAll, type Key, type Put } from '../../../core/state.ts';
import type { Tags } from '../../tags/index.ts';

export interface ActivationItem {
  readonly activationId: string;
  /** SHA-256 of the code, hex. The code has 120 random bits: no slow hash is needed. */
  readonly codeHash: string;
  readonly description?: string;
  readonly defaultInstanceName?: string;
  readonly iamRole: string;
  readonly registrationLimit: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly tags: Tags;
  /** Kept for a while, so that a deleted activation gets another error than one that never existed. */
  readonly deleted?: true;
}

interface SlotItem {
  readonly nodeId: string;
}

export const listPartition = 'ACTIVATIONS';
export const activationKey = (activationId: string): Key => ({ pk: `ACTIVATION#${activationId}`, sk: 'ACTIVATION' });
export const listKey = (activationId: string): Key => ({ pk: listPartition, sk: activationId });
const slotKey = (activationId: string, slot: number): Key => ({
  pk: `ACTIVATION#${activationId}`,
  sk: `SLOT#${padded(slot, 4)}`,
});

/** The taken slots, from 0 to limit − 1. */
export async function takenSlots(context: Context, activationId: string): Promise<ReadonlySet<number>> {
  const rows = await queryAll(context.state, { pk: `ACTIVATION#${activationId}`, prefix: 'SLOT#' });
  return new Set(rows.map((row) => Number(row.sk.slice('SLOT#'.length))));
}

/** Takes a slot; fails when another node has it. */
export function takeSlot(activationId: string, slot: number, nodeId: string): Put<SlotItem> {
  return { put: slotKey(activationId, slot), body: { nodeId }, when: { row: 'absent' } };
}

/** The key of a slot, for deleting an activation. */
export { slotKey };

/** The row that shows that a signature was used. */
export function signatureKey(digest: string): Key {
  return { pk: `NODE-SIGNATURE#${digest}`, sk: 'SEEN' };
}
