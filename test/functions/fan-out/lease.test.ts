/** Several gateways take in replies at once: one worker counts, and nothing is left behind. */
import { expect, test } from 'vitest';
import { ProcessBackground } from '../../../core/background.ts';
import type { Context } from '../../../core/context.ts';
import { ConditionFailed, type State } from '../../../core/state.ts';
import { lookAfter, progressJob, readJob } from '../../../functions/fan-out/index.ts';
import { leaseKey } from '../../../functions/fan-out/store.ts';
import { testContext } from '../../support/context.ts';
import { MemoryState } from '../../support/memory-state.ts';
import { timersLeft } from '../../support/timers.ts';
import { beginErrand, endPerson, errandKind, theJob } from './errand-kind.ts';

const people = Array.from({ length: 200 }, (_, place) => `p-${place.toString(16).padStart(4, '0')}`);
const kind = errandKind({ onePass: false, rampUp: false }, () => people, 97);

/** A State whose every call takes a turn of the loop, and that counts failed transactions. */
function slow(state: State): { state: State; conflicts: () => number } {
  let conflicts = 0;
  const wrapped = new Proxy(state, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]): Promise<unknown> => {
        await new Promise((resolve) => setImmediate(resolve));
        try {
          return await (value as (...given: unknown[]) => Promise<unknown>).apply(target, given);
        } catch (error) {
          if (error instanceof ConditionFailed && name === 'transact') conflicts++;
          throw error;
        }
      };
    },
  });
  return { state: wrapped, conflicts: () => conflicts };
}

async function started(
  isAlone: boolean,
): Promise<{
  gateways: Context[];
  memory: MemoryState;
  conflicts: () => number;
  close: () => Promise<void>;
  flotilla: ReturnType<typeof testContext>;
}> {
  const flotilla = testContext();
  const memory = new MemoryState(flotilla.clock);
  const { state, conflicts } = slow(memory);
  const gateways = Array.from({ length: isAlone ? 1 : 4 }, () => ({
    ...flotilla.context,
    state,
    background: new ProcessBackground({ isAlone }),
  }));
  await beginErrand(kind, { targets: people.length, maxConcurrency: '100%', maxErrors: '100%' }, gateways[0]!);
  const [timer] = await timersLeft(memory);
  await lookAfter(kind)(timer!, gateways[0]!);
  return { gateways, memory, conflicts, flotilla, close: () => flotilla.close() };
}

test('four gateways with fifty replies each: one counts at a time, and all is counted', async () => {
  const { gateways, memory, conflicts, close } = await started(false);
  await Promise.all(people.map((id, place) => endPerson(kind, id, 'Success', gateways[place % 4]!)));
  for (const { background } of gateways) await background.settled();
  expect((await readJob(kind, theJob, memory))!.body).toMatchObject({ phase: 'done', tally: { Success: 200 } });
  expect(conflicts()).toBe(0);
  expect(await memory.get(leaseKey(kind, theJob))).toBeUndefined();
  expect(await timersLeft(memory)).toEqual([]);
  await close();
});

test('the lease of a worker that died is taken over when it is up, by the look-after timer', async () => {
  const { gateways, memory, flotilla, close } = await started(false);
  const now = flotilla.clock.now();
  await memory.write({ put: leaseKey(kind, theJob), body: { owner: 'dead', until: now + 30_000 } });
  await Promise.all(people.map((id) => endPerson(kind, id, 'Success', gateways[1]!)));
  await gateways[1]!.background.settled();
  expect((await readJob(kind, theJob, memory))!.body.finished).toBe(0);
  for (let rest = 10; rest > 0; rest--) {
    flotilla.clock.advance(10_000);
    for (const timer of await timersLeft(memory))
      if (timer.due <= flotilla.clock.now()) await lookAfter(kind)(timer, gateways[2]!);
  }
  expect((await readJob(kind, theJob, memory))!.body).toMatchObject({ phase: 'done', finished: 200 });
  await close();
});

test('one process takes no lease: counting is one transaction a round, and no other write', async () => {
  const { gateways, memory, close } = await started(true);
  // Its nudge is lost with the process.
  const lost = { isAlone: true, run: () => undefined, settled: async () => undefined };
  await endPerson(kind, people[0]!, 'Success', { ...gateways[0]!, background: lost });
  const { transact, write } = memory.calls;
  await progressJob(kind, theJob, gateways[0]!);
  expect(memory.calls.transact - transact).toBeLessThanOrEqual(1);
  expect(memory.calls.write - write).toBe(0);
  await close();
});
