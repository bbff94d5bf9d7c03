/**
 * The states of an activation: open, exhausted, expired or deleted. None of them affects nodes that have registered.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { InvalidParameters } from '../../../core/errors.ts';
import type { ActivationItem } from './store.ts';

const day = 24 * 60 * 60_000;

/**
 * When an activation expires: by default 24 hours from now.
 * @returns epoch milliseconds
 * @throws InvalidParameters for a date in the past, or more than 30 days ahead
 */
export function expiryOf(given: Date | undefined, now: number): number {
  const at = given?.getTime() ?? now + day;
  if (!(at > now)) throw new InvalidParameters('The expiration date must be in the future.');
  if (at > now + 30 * day) throw new InvalidParameters('The expiration date must be within 30 days.');
  return at;
}

export function isExpired(activation: ActivationItem, now: number): boolean {
  return now >= activation.expiresAt;
}

export function hashCode(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

export function isCode(activation: ActivationItem, code: string): boolean {
  return timingSafeEqual(Buffer.from(activation.codeHash, 'hex'), Buffer.from(hashCode(code), 'hex'));
}

/**
 * A free slot, or `undefined`. It is chosen at random, because nodes that register at the same moment should choose
 * different slots.
 * @param chance a random whole number
 */
export function freeSlot(limit: number, taken: ReadonlySet<number>, chance: number): number | undefined {
  const free: number[] = [];
  for (let slot = 0; slot < limit; slot++) if (!taken.has(slot)) free.push(slot);
  return free[chance % free.length];
}
