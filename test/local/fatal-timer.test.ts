/** A timer that ends the process that fires it, at each start: it becomes a dead letter, and takes no other with it. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { mostAttempts } from '../../core/dead-letters.ts';
import { queryAll } from '../../core/state.ts';
import { scheduleTimer, type Timer } from '../../core/timers.ts';
import { openSqliteState } from '../../local/sqlite-state.ts';
import { startChild } from '../support/child.ts';
import { deadLettersOf } from '../support/dead-letters.ts';
import { temporaryFolder, testStart } from '../support/state.ts';

const others = 24;

test('a timer that kills each process is given up after its attempts; those beside it are done', async () => {
  const { folder, remove } = temporaryFolder();
  const file = path.join(folder, 'state.db');
  const open = () => openSqliteState({ file, clock: new ManualClock(testStart) });
  const timer = (id: string, kind: string): Timer => ({ id, kind, key: 'e', due: testStart, payload: {} });
  const good = Array.from({ length: others }, (_, place) => `good-${place}`);
  const before = open();
  await before.batch([timer('fatal', 'fatal'), ...good.map((id) => timer(id, 'good'))].map(scheduleTimer));
  await before.close();

  const ends: (number | string)[] = [];
  while (ends.at(-1) !== 0) ends.push(await startChild(path.join(import.meta.dirname, 'fatal-timer.ts'), [file]).ended);
  expect(ends).toEqual([...Array<string>(mostAttempts).fill('SIGKILL'), 0]);

  const after = open();
  expect((await queryAll(after, { pk: 'DONE' })).map(({ sk }) => sk).sort()).toEqual(good.sort());
  expect(await deadLettersOf(after)).toMatchObject([
    {
      kind: 'timer',
      timer: { id: 'fatal' },
      attempts: mostAttempts,
      error: expect.stringContaining('killed') as string,
    },
  ]);
  await after.close();
  remove();
});
