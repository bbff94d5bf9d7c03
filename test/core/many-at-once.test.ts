import { expect, test } from 'vitest';
import { manyAtOnce } from '../../core/many-at-once.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('every item once, never more than so many at a time', async () => {
  const done: number[] = [];
  let underWay = 0;
  let most = 0;
  await manyAtOnce(
    Array.from({ length: 100 }, (_, item) => item),
    7,
    async (item) => {
      most = Math.max(most, ++underWay);
      await turn();
      if (item % 3 === 0) await turn();
      underWay--;
      done.push(item);
    },
  );
  expect(done.sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, item) => item));
  expect(most).toBe(7);
});

test('the first failure ends it, once what was under way has ended', async () => {
  const ended: number[] = [];
  let begun = 0;
  const work = async (item: number): Promise<void> => {
    begun++;
    await turn();
    if (item === 2) throw new Error('two');
    await turn();
    ended.push(item);
  };
  await expect(manyAtOnce([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4, work)).rejects.toThrow('two');
  expect(ended).toHaveLength(begun - 1);
  expect(begun).toBeLessThan(10);
});

test('nothing is nothing', async () => {
  await expect(manyAtOnce([], 4, () => Promise.reject(new Error('never')))).resolves.toBeUndefined();
});
