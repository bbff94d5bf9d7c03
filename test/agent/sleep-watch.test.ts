import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchForSleep } from '../../agent/sleep-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a machine that slept is noticed once, a busy one is not taken for one', () => {
  let asleep = 0;
  const woken = vi.fn();
  const end = watchForSleep(woken, () => Date.now() + asleep);
  vi.advanceTimersByTime(60_000);
  asleep += 5_000;
  vi.advanceTimersByTime(60_000);
  expect(woken).not.toHaveBeenCalled();
  asleep += 3600_000;
  vi.advanceTimersByTime(60_000);
  expect(woken).toHaveBeenCalledTimes(1);
  end();
  asleep += 3600_000;
  vi.advanceTimersByTime(60_000);
  expect(woken).toHaveBeenCalledTimes(1);
});
