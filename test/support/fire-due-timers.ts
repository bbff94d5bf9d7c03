/** Fires what is due, as the local loop and the tick do. It throws when a handler does. */
import type { Context } from '../../core/context.ts';
import { timerPartition, timerShards, type Timer } from '../../core/timers.ts';
import { fireTimer } from '../../functions/clock/fire-timer.ts';
import { timers } from '../../functions/registry.ts';
import { guarded } from './guarded.ts';

export async function fireDueTimers(context: Context): Promise<void> {
  for (let shard = 0; shard < timerShards; shard++)
    for (const { body } of (await context.state.query<Timer>({ pk: timerPartition(shard) })).rows) {
      if (body.due > context.clock.now()) continue;
      if ((await fireTimer(body, timers, guarded('fire-timers', context))) === 'failed')
        throw new Error(`a timer of kind ${body.kind} failed`);
    }
}
