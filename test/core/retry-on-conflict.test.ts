/** Rivals for one row: how long somebody tries, how the pauses grow, and what is said in the end. */
import { expect, test } from 'vitest';
import { TooManyUpdates } from '../../core/errors.ts';
import { conflictAs, ConflictPersists, retryOnConflict } from '../../core/retry-on-conflict.ts';
import { ConditionFailed } from '../../core/state.ts';

const key = { pk: 'P', sk: 'a' };
const conflict = (): ConditionFailed => new ConditionFailed(key, 2);

/** An attempt that fails so often, and a pause that takes no time. */
function rivals(failures: number, random = 1) {
  const pauses: number[] = [];
  let made = 0;
  const attempt = async (): Promise<string> => {
    if (made++ < failures) throw conflict();
    return 'done';
  };
  return {
    attempt,
    pauses,
    made: () => made,
    patience: { random: () => random, pause: async (milliseconds: number) => void pauses.push(milliseconds) },
  };
}

test('what meets nobody is done at once', async () => {
  const { attempt, patience, pauses } = rivals(0);
  expect(await retryOnConflict(attempt, patience)).toBe('done');
  expect(pauses).toEqual([]);
});

test('pauses grow up to half a second, and are cut at random', async () => {
  const longest = rivals(10);
  expect(await retryOnConflict(longest.attempt, longest.patience)).toBe('done');
  expect(longest.pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 500, 500, 500]);
  const cut = rivals(3, 0.5);
  await retryOnConflict(cut.attempt, cut.patience);
  expect(cut.pauses).toEqual([2.5, 5, 10]);
});

test('it ends after 20 attempts, and says which row it was and how often', async () => {
  const { attempt, patience, made } = rivals(Infinity);
  const error = await retryOnConflict(attempt, patience).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConflictPersists);
  expect(error).toBeInstanceOf(ConditionFailed);
  expect(error).toMatchObject({ key, position: 2, message: 'the condition on P / a did not hold, in 20 attempts' });
  expect(made()).toBe(20);
});

test('no attempt begins that the deadline leaves no time for', async () => {
  const { attempt, patience, pauses, made } = rivals(Infinity);
  const deadline = { remaining: () => 100 - pauses.reduce((sum, pause) => sum + pause, 0) };
  await expect(retryOnConflict(attempt, { ...patience, deadline })).rejects.toThrow(/in 5 attempts/);
  expect([made(), pauses]).toEqual([5, [5, 10, 20, 40]]);
});

test('other errors end it at once', async () => {
  await expect(retryOnConflict(() => Promise.reject(new TypeError('no')), {})).rejects.toThrow(TypeError);
});

test('a conflict is told as the API does, anything else as it is', async () => {
  const toError = ({ position: place }: ConditionFailed) => (place === 2 ? new TooManyUpdates('busy') : undefined);
  await expect(conflictAs(Promise.reject(conflict()), toError)).rejects.toThrow(TooManyUpdates);
  await expect(conflictAs(Promise.reject(new ConditionFailed(key)), toError)).rejects.toThrow(ConditionFailed);
  await expect(conflictAs(Promise.reject(new TypeError('no')), toError)).rejects.toThrow(TypeError);
  expect(await conflictAs(Promise.resolve(1), toError)).toBe(1);
});
