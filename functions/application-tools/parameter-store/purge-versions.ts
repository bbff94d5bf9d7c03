/** Sweeps up what a parameter that was deleted leaves: earlier versions, a resource policy. Nobody can read them any more. */
import type { Context } from '../../../core/context.ts';
import type { Put } from '../../../core/state.ts';
import { scheduleTimer, type TimerHandler } from '../../../core/timers.ts';
import { versionsPartition } from './store.ts';

export const purgeKind = 'purge-parameter';

export function purgeTimer(incarnation: string, { clock }: Pick<Context, 'clock'>): Put {
  return scheduleTimer({ id: `${purgeKind}#${incarnation}`, kind: purgeKind, key: incarnation, due: clock.now(), payload: {} });
}

/** Safe to repeat: no parameter has the incarnation of another. */
export const handlePurge: TimerHandler = async ({ key }, { state }) => {
  for (;;) {
    const { rows, next } = await state.query({ pk: versionsPartition(key), limit: 25 });
    if (rows.length > 0) await state.batch(rows.map(({ pk, sk }) => ({ delete: { pk, sk } })));
    if (next === undefined) return;
  }
};
