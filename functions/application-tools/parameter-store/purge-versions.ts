/** Deletes what remains of a deleted parameter: earlier versions, a resource policy. Nobody can read them any more. */
import type { Context } from '../../../core/context.ts';
import type { Put } from '../../../core/state.ts';
import { scheduleTimer, type TimerHandler } from '../../../core/timers.ts';
import { idOf } from './names.ts';
import { incarnationPrefix, parameterKey, type ParameterItem } from './store.ts';

export const purgeKind = 'purge-parameter';

interface Purge {
  readonly incarnation: string;
}

export function purgeTimer({ name, incarnation }: ParameterItem, { clock }: Pick<Context, 'clock'>): Put {
  return scheduleTimer<Purge>({
    id: `${purgeKind}#${incarnation}`,
    kind: purgeKind,
    key: idOf(name),
    due: clock.now(),
    payload: { incarnation },
  });
}

/** Safe to repeat: an incarnation is never used by another parameter. */
export const handlePurge: TimerHandler<Purge> = async ({ key, payload: { incarnation } }, { state }) => {
  for (;;) {
    const { rows, next } = await state.query({
      pk: parameterKey(key).pk,
      prefix: incarnationPrefix(incarnation),
      limit: 25,
    });
    if (rows.length > 0) await state.batch(rows.map(({ pk, sk }) => ({ delete: { pk, sk } })));
    if (next === undefined) return;
  }
};
