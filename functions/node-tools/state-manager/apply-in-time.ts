/** Looks up a node's associations anew: for an event, and for the timer that goes on where the event had to stop. */
import type { Context } from '../../../core/context.ts';
import { unfinished, type TimerHandler } from '../../../core/timers.ts';
import { applyAssociations } from './apply-associations.ts';
import { applyTimer } from './timers.ts';

/** An index of tags lags by moments; by then it has caught up. */
const lag = 60_000;

/** For an event: what is left at the deadline, a timer does. */
export async function applyInTime(nodeId: string, context: Context): Promise<void> {
  const applied = await applyAssociations(nodeId, context);
  if (applied === 'done') return;
  const now = context.clock.now();
  await context.state.write(applyTimer(nodeId, applied === unfinished ? now : now + lag));
}

/** The timer's handler. Nodes that an execution has yet to reach, it finds by itself: the index has caught up. */
export const handleApply: TimerHandler = async (timer, context) => {
  if ((await applyAssociations(timer.key, context)) === unfinished) return unfinished;
  return undefined;
};
