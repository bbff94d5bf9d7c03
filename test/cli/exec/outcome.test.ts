import { expect, test } from 'vitest';
import { exitCodeOf, outcomeTable } from '../../../cli/exec/outcome.ts';
import type { WatchedInvocation } from '../../../cli/exec/watched.ts';

const step = (ResponseCode: number, StandardError = '') => ({
  Name: 's',
  Status: 'x',
  ResponseCode,
  StandardOutput: '',
  StandardError,
  Cut: false,
});
const invocation = (
  StatusDetails: string,
  steps: WatchedInvocation['Steps'] = [],
  more: Partial<WatchedInvocation> = {},
): WatchedInvocation => ({
  InstanceId: 'mi-1',
  Name: '',
  Status: StatusDetails === 'Success' ? 'Success' : 'Failed',
  StatusDetails,
  Done: true,
  Trace: '',
  Steps: steps,
  Mark: '',
  ...more,
});

test.each([
  [invocation('Success', [step(0)]), 0],
  // exit 168 is AWS's word for: all is well, leave out the rest.
  [invocation('Success', [step(168)]), 0],
  [invocation('Failed', [step(7)]), 7],
  [invocation('Failed', [step(0), step(9), step(-1)]), 9],
  [invocation('Failed', [step(-1)]), 125],
  [invocation('Failed'), 125],
  [invocation('ExecutionTimedOut', [step(137)]), 124],
  [invocation('Cancelled', [step(137)]), 130],
  [invocation('Undeliverable'), 125],
  [invocation('DeliveryTimedOut'), 125],
  [invocation('InvalidPlatform'), 125],
])('%#: the exit code', (one, code) => {
  expect(exitCodeOf(one)).toBe(code);
});

test('a line a node, with the last word of what failed, and a sum', () => {
  const text = outcomeTable(
    [
      invocation('Success', [step(0)]),
      invocation('Failed', [step(3, 'first\nlast word\n')], { InstanceId: 'mi-2' }),
      invocation('Failed', [], { InstanceId: 'mi-3', Trace: 'no such document' }),
    ],
    (id) => `name-of-${id}`,
  );
  expect(text.split('\n')).toEqual([
    'NODE          ID    STATUS   EXIT',
    'name-of-mi-1  mi-1  Success  0',
    'name-of-mi-2  mi-2  Failed   3     last word',
    'name-of-mi-3  mi-3  Failed   -     no such document',
    '',
    '3 nodes: 1 Success, 2 Failed',
  ]);
});

test('of a fleet only what is not well is listed', () => {
  const fleet = Array.from({ length: 1_000 }, (_, place) =>
    invocation(place === 17 ? 'Failed' : 'Success', [step(place === 17 ? 1 : 0)], { InstanceId: `mi-${place}` }),
  );
  expect(outcomeTable(fleet, (id) => id).split('\n')).toHaveLength(4);
  expect(outcomeTable(fleet, (id) => id)).toContain('1000 nodes: 999 Success, 1 Failed');
});
