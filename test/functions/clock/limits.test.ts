/** The times of timers on AWS fit each other. That stacks/ sets them is seen by test/stacks. */
import { expect, test } from 'vitest';
import { claimLasts, functionSeconds, hiddenSeconds, timersPerCall } from '../../../functions/clock/limits.ts';

test('a worker’s claim outlives its function: two never have the same timer', () => {
  expect(claimLasts).toBeGreaterThan(functionSeconds * 1000);
});

test('a message stays hidden while its function may run: Lambda refuses a queue that is quicker', () => {
  expect(hiddenSeconds).toBeGreaterThanOrEqual(functionSeconds);
});

test('a timer that takes all memory or time takes no other with it', () => {
  expect(timersPerCall).toBe(1);
});
