import { expect, test } from 'vitest';
import { jsonLog } from '../../core/log.ts';
import { shutDown } from '../../local/shut-down.ts';

test('each part is ended in order, after one that fails and one that never answers too, and the log says so', async () => {
  const ended: string[] = [];
  const lines: string[] = [];
  await shutDown(
    [
      { name: 'first', end: () => void ended.push('first') },
      { name: 'failing', end: () => Promise.reject(new Error('the disk is full')) },
      {
        name: 'throwing',
        end: () => {
          throw new Error('at once');
        },
      },
      { name: 'hung', end: () => new Promise(() => undefined), within: 20 },
      { name: 'last', end: async () => void ended.push('last') },
    ],
    jsonLog((line) => lines.push(line)),
  );
  expect(ended).toEqual(['first', 'last']);
  expect(lines.map((line) => (JSON.parse(line) as { part: string }).part)).toEqual(['failing', 'throwing', 'hung']);
});
