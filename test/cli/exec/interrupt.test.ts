import { expect, test } from 'vitest';
import { interruptHandler } from '../../../cli/exec/interrupt.ts';

function pressed(interactive: boolean, ...times: number[]): string[] {
  const done: string[] = [];
  const press = interruptHandler({
    interactive,
    say: (text) => done.push(`say ${text.split(' ')[0]}`),
    cancel: () => done.push('cancel'),
    leave: () => done.push('leave'),
  });
  for (const time of times) press(time);
  return done;
}

test('at a terminal the first says so, the second cancels, the third leaves', () => {
  expect(pressed(true, 1_000, 2_000, 3_000)).toEqual(['say It', 'say Cancelling;', 'cancel', 'leave']);
});

test('a second that comes much later is a first again', () => {
  expect(pressed(true, 1_000, 60_000)).toEqual(['say It', 'say It']);
});

test('one keystroke that comes twice is one', () => {
  expect(pressed(true, 1_000, 1_005, 2_000, 2_005)).toEqual(['say It', 'say Cancelling;', 'cancel']);
});

test('without a terminal the first cancels', () => {
  expect(pressed(false, 1_000, 1_005, 2_000)).toEqual(['say Cancelling;', 'cancel', 'leave']);
});
