import { describe, expect, test, vi } from 'vitest';
import { Serial } from '../../../functions/gateway/serial.ts';
import { Sweep, type Visited } from '../../../functions/gateway/sweep.ts';

describe('Sweep', () => {
  test('visits everything that is due, no more than 32 at a time, none while its visit runs', async () => {
    let running = 0;
    let most = 0;
    const visits = new Map<number, number>();
    const sweep = new Sweep(5, () => undefined);
    for (let number = 0; number < 200; number++) {
      const item: Visited = {
        due: 0,
        visit: async () => {
          most = Math.max(most, ++running);
          visits.set(number, (visits.get(number) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 10));
          running--;
        },
      };
      sweep.add(item);
    }
    await vi.waitFor(() => expect(visits.size).toBe(200));
    expect(most).toBe(32);
    expect(new Set(visits.values())).toEqual(new Set([1]));
    sweep.close();
  });

  test('tells of a visit that threw, and visits what was added later', async () => {
    const failed: unknown[] = [];
    const sweep = new Sweep(5, (error) => failed.push(error));
    sweep.add({ due: 0, visit: async () => Promise.reject(new Error('no')) });
    let visited = false;
    sweep.add({ due: 0, visit: async () => void (visited = true) });
    await vi.waitFor(() => expect(failed).toHaveLength(1));
    await vi.waitFor(() => expect(visited).toBe(true));
    sweep.close();
  });
});

test('Serial does one after the other and says when it is full', async () => {
  const told: boolean[] = [];
  const done: number[] = [];
  const serial = new Serial(3, (full) => told.push(full));
  for (let number = 0; number < 5; number++)
    serial.run(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push(number);
    });
  expect(told).toEqual([true]);
  await serial.idle();
  expect(done).toEqual([0, 1, 2, 3, 4]);
  expect(told).toEqual([true, false]);
});
