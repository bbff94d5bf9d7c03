import fc from 'fast-check';
import { expect, test } from 'vitest';
import { completedCount } from '../../../../functions/fan-out/index.ts';
import { errorCount, rollUp } from '../../../../functions/node-tools/run-command/roll-up.ts';
import { isCommandTerminal } from '../../../../functions/node-tools/run-command/states.ts';

test.each([
  ['all succeed', { Success: 3 }, 0, false, 'Success'],
  ['no target at all', {}, 0, false, 'NoInstancesInTag'],
  ['one fails, none borne', { Success: 2, Failed: 1 }, 0, false, 'Failed'],
  ['one fails, one borne', { Success: 2, Failed: 1 }, 1, false, 'Incomplete'],
  ['every error is a time-out', { Success: 1, ExecutionTimedOut: 2 }, 0, false, 'ExecutionTimedOut'],
  ['not delivered', { Success: 2, DeliveryTimedOut: 1 }, 0, false, 'DeliveryTimedOut'],
  ['fewer undelivered than errors borne', { Success: 9, DeliveryTimedOut: 1 }, 3, false, 'Incomplete'],
  ['four unreachable, one success', { Undeliverable: 4, Success: 1 }, 0, false, 'Success'],
  ['all unreachable', { Undeliverable: 2, InvalidPlatform: 1 }, 0, false, 'Failed'],
  ['cancelled', { Success: 1, Cancelled: 2 }, 0, true, 'Cancelled'],
  ['cancelled too late to matter', { Success: 3 }, 0, true, 'Success'],
  ['a node cancelled on its own', { Success: 2, Cancelled: 1 }, 0, false, 'Incomplete'],
  ['stopped by errors', { Failed: 2, Terminated: 8 }, 1, false, 'Failed'],
] as const)('%s', (_name, tally, maxErrors, cancelled, expected) =>
  expect(rollUp(tally, maxErrors, cancelled)).toBe(expected),
);

test('a command whose invocations are over is over, and its counts add up', () => {
  const count = fc.nat(20);
  fc.assert(
    fc.property(
      fc.record({
        Success: count,
        Failed: count,
        ExecutionTimedOut: count,
        DeliveryTimedOut: count,
        Cancelled: count,
        Terminated: count,
        Undeliverable: count,
      }),
      fc.nat(5),
      fc.boolean(),
      (tally, maxErrors, cancelled) => {
        expect(isCommandTerminal(rollUp(tally, maxErrors, cancelled))).toBe(true);
        expect(completedCount(tally)).toBe(Object.values(tally).reduce((sum, one) => sum + one, 0));
        expect(errorCount(tally)).toBe(tally.Failed + tally.ExecutionTimedOut);
        if (rollUp(tally, maxErrors, cancelled) === 'Success') expect(errorCount(tally)).toBe(0);
      },
    ),
  );
});
