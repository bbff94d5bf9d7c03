/**
 * What the process before this one had taken in and not acted upon: nodes' acknowledgements and reports are rows, but
 * the nudge to count them died with it. Their commands' own timers would find them, a minute later at the most.
 */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import { timersUntil, timerShards, type Timer } from '../../../core/timers.ts';
import { progressCommand } from './progress-command.ts';
import { longestPause, progressKind } from './timers.ts';

/** Beside what a start has to answer first. */
const atOnce = 8;

/** Takes on every command that runs. */
export async function resumeCommands(context: Context): Promise<void> {
  await manyAtOnce(runningCommands(context), atOnce, (commandId) => progressCommand(commandId, context));
}

/** Each has a timer, and none of them is further away than the longest pause between two looks. */
async function* runningCommands({ state, clock }: Context): AsyncGenerator<string> {
  for (let shard = 0; shard < timerShards; shard++) {
    let after: string | undefined;
    do {
      const page = await state.query<Timer>({ ...timersUntil(shard, clock.now() + longestPause), limit: 100, after });
      for (const { body } of page.rows) if (body.kind === progressKind) yield body.key;
      after = page.next;
    } while (after !== undefined);
  }
}
