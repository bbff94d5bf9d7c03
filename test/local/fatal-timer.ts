/**
 * Fires the timers of a state file until none is left: `node fatal-timer.ts FILE`. One of the kind `fatal` ends the
 * process as a lack of memory would. One of the kind `good` takes a while, and writes down that it was done.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../../core/clock.ts';
import type { Context } from '../../core/context.ts';
import { noDeadline } from '../../core/deadline.ts';
import { randomIds } from '../../core/ids.ts';
import { jsonLog } from '../../core/log.ts';
import { openSqliteState } from '../../local/sqlite-state.ts';
import { startTimers } from '../../local/timer-loop.ts';
import { timersLeft } from '../support/timers.ts';

const clock = new SystemClock();
const state = openSqliteState({ file: process.argv[2] ?? '', clock });
const context = { state, clock, ids: randomIds, deadline: noDeadline, log: jsonLog(() => undefined, 'silent') };
const loop = startTimers({
  state,
  context: context as unknown as Context & { readonly state: typeof state },
  handlers: {
    fatal: () => process.kill(process.pid, 'SIGKILL') as unknown as Promise<void>,
    good: async ({ id }) => {
      await sleep(20);
      await state.write({ update: { pk: 'DONE', sk: id }, add: { times: 1 } });
    },
  },
});
while ((await timersLeft(state)).length > 0) {
  await loop.idle();
  await sleep(10);
}
await loop.stop();
await state.close();
