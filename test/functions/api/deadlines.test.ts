import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from '../../../functions/api/deadlines.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what has ended in time hears nothing, what has not hears it within a tenth more', () => {
  const deadlines = new Deadlines<string>(1_000, () => new Error('late'));
  const failed: string[] = [];
  const add = (name: string): void => deadlines.add(name, ({ message }) => failed.push(`${name} ${message}`));
  add('first');
  add('quick');
  deadlines.delete('quick');
  vi.advanceTimersByTime(500);
  add('second');
  vi.advanceTimersByTime(499);
  expect(failed).toEqual([]);
  vi.advanceTimersByTime(101);
  expect(failed).toEqual(['first late']);
  vi.advanceTimersByTime(500);
  expect(failed).toEqual(['first late', 'second late']);
  expect(vi.getTimerCount()).toBe(0);
  add('third');
  vi.advanceTimersByTime(1_100);
  expect(failed).toContain('third late');
});
