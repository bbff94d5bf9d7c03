import { expect, test } from 'vitest';
import { signalChange, untilChange } from '../../../../functions/node-tools/run-command/change-signal.ts';

test('a signal wakes all who watch that command in that store, and nobody else', async () => {
  const store = {};
  const woken: string[] = [];
  const watchers = [
    untilChange(store, 'a', 60_000).then(() => woken.push('one')),
    untilChange(store, 'a', 60_000).then(() => woken.push('two')),
  ];
  const others = [
    untilChange(store, 'b', 50).then(() => woken.push('b')),
    untilChange({}, 'a', 50).then(() => woken.push('other store')),
  ];
  signalChange(store, 'a');
  await Promise.all(watchers);
  expect(woken).toEqual(['one', 'two']);
  await Promise.all(others);
  // Nobody watches any more: it is nothing.
  signalChange(store, 'a');
});
