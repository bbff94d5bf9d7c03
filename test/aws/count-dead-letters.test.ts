/** A dead letter that is kept counts in a metric. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { countingDeadLetters } from '../../aws/count-dead-letters.ts';
import { deadLetterWrites, type DeadLetter } from '../../core/dead-letters.ts';
import { ConditionFailed, RowTooNew } from '../../core/state.ts';
import { testContext, type TestContext } from '../support/context.ts';

let flotilla: TestContext;
/** What was written to the log. */
let lines: Record<string, unknown>[];
beforeEach(() => {
  flotilla = testContext();
  lines = [];
  // Powertools writes by this process's console then.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(JSON.parse(line) as never));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await flotilla.close();
});

const letter = (id: string): DeadLetter => ({
  kind: 'timer',
  id,
  timer: { id: 't', kind: 'k', key: 'e', due: 0, payload: {} },
  failedAt: 0,
  attempts: 6,
  error: 'Error: no',
});

test('each letter is counted once it is written, in a transaction too, and other rows are not', async () => {
  const state = countingDeadLetters(flotilla.state, 'flotilla-prod-state');
  await state.transact(deadLetterWrites(letter('a')));
  const other = { put: { pk: 'ALARM#a', sk: 'ALARM' }, body: {} };
  await state.transact([other, ...deadLetterWrites(letter('b'))]);
  await state.write(other);
  await expect(
    state.transact([{ check: { pk: 'none', sk: 'none' }, when: { row: 'present' } }, ...deadLetterWrites(letter('c'))]),
  ).rejects.toThrow(ConditionFailed);
  const dimensions = { service: 'dead-letters', table: 'flotilla-prod-state' };
  expect(lines).toMatchObject([
    { ...dimensions, DeadLetters: 1 },
    { ...dimensions, DeadLetters: 1 },
  ]);
  const [{ _aws: aws } = {}] = lines as { _aws?: { CloudWatchMetrics: object[] } }[];
  // What the alarm of stacks/alarms.ts looks at.
  expect(aws?.CloudWatchMetrics).toEqual([
    { Namespace: 'Flotilla', Dimensions: [['service', 'table']], Metrics: [{ Name: 'DeadLetters', Unit: 'Count' }] },
  ]);
});

test('reads name the shape that their caller knows', async () => {
  const state = countingDeadLetters(flotilla.state, 'flotilla-prod-state');
  const key = { pk: 'COMMAND#a', sk: 'COMMAND' };
  await state.write({ put: key, body: {}, shape: 2 });
  expect(await state.get(key, { shape: 2 })).toMatchObject({ shape: 2 });
  expect(await state.getMany([key], { shape: 2 })).toHaveLength(1);
  await expect(state.get(key)).rejects.toThrow(RowTooNew);
});
