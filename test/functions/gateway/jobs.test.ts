import { describe, expect, test } from 'vitest';
import { Jobs, mostUnacknowledged } from '../../../functions/gateway/jobs.ts';

const jobs = (): Jobs => new Jobs({ resend: 3_000, round: 30_000 });

describe('jobs', () => {
  test('are sent again after 3, 6, 12, 24 and then every 30 seconds', () => {
    const sent = jobs();
    const gaps: number[] = [];
    for (let now = 0, last = 0; gaps.length < 6; now += 1_000) {
      if (!sent.isDue('a', now)) continue;
      if (now > 0) gaps.push(now - last);
      last = now;
      sent.sent('a', now);
      expect(sent.nextDue()).toBe(now + Math.min(30_000, 3_000 * 2 ** gaps.length));
    }
    expect(gaps).toEqual([3_000, 6_000, 12_000, 24_000, 30_000, 30_000]);
  });

  test('are not sent again once acknowledged, nor remembered once their message is gone', () => {
    const sent = jobs();
    sent.sent('a', 0);
    sent.acknowledged('a');
    expect(sent.isDue('a', 1e9)).toBe(false);
    expect(sent.nextDue()).toBe(Infinity);
    sent.keep(new Set());
    expect(sent.isDue('a', 1e9)).toBe(true);
  });

  test('go out ten at a time', () => {
    const sent = jobs();
    for (let number = 0; number < mostUnacknowledged; number++) sent.sent(String(number), 0);
    expect(sent.isDue('next', 0)).toBe(false);
    sent.acknowledged('3');
    expect(sent.isDue('next', 0)).toBe(true);
  });

  test('wait as long as the agent asks', () => {
    const sent = jobs();
    sent.sent('a', 0);
    sent.postpone('a', 10_000);
    expect(sent.isDue('a', 9_999)).toBe(false);
    expect(sent.isDue('a', 10_000)).toBe(true);
    sent.acknowledged('a');
    sent.postpone('a', 0);
    expect(sent.isDue('a', 10_000)).toBe(false);
  });

  test('that found no room fall due one by one, those refused first before the others', () => {
    const sent = jobs();
    for (const id of ['a', 'b', 'c']) {
      sent.sent(id, 0);
      sent.postpone(id, 10_000);
    }
    const due = (): string[] => ['a', 'b', 'c'].filter((id) => sent.isDue(id, 100));
    expect(sent.release(100)).toBe(true);
    expect(due()).toEqual(['a']);
    sent.sent('a', 100);
    expect(sent.release(100)).toBe(true);
    expect(due()).toEqual(['b']);
    sent.sent('b', 100);
    sent.acknowledged('b');
    expect([sent.release(100), sent.release(100)]).toEqual([true, false]);
    expect(due()).toEqual(['c']);
  });
});
