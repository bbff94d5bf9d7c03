/**
 * Sweeps up the versions of a document that was deleted. The name is free at once; the versions stay as long
 * as a command may still be on its way to a node with one of them.
 */
import type { Context } from '../../../core/context.ts';
import type { Put } from '../../../core/state.ts';
import { scheduleTimer, type TimerHandler } from '../../../core/timers.ts';
import { versionsPartition } from './store.ts';

export const purgeKind = 'purge-document';

/** A command waits 30 days at most. */
const keptFor = 31 * 86_400_000;

/** @param id the document's own, not its name */
export function purgeTimer(id: string, context: Context): Put {
  return scheduleTimer({ id: `${purgeKind}#${id}`, kind: purgeKind, key: id, due: context.clock.now() + keptFor, payload: {} });
}

/** Safe to repeat: the id is never used again. */
export const handlePurge: TimerHandler = async ({ key: id }, { state }) => {
  for (;;) {
    const { rows, next } = await state.query({ pk: versionsPartition(id), limit: 25 });
    if (rows.length > 0) await state.batch(rows.map(({ pk, sk }) => ({ delete: { pk, sk } })));
    if (next === undefined) return;
  }
};
