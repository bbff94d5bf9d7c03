/** Replies on a real disk, through a wire that the test holds. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { ServiceError } from '../../core/http-client.ts';
import { Replies, type Reply } from '../../agent/replies.ts';
import { silentLog } from '../../core/log.ts';
import { eventually } from '../support/flotilla-process.ts';
import { patience } from '../support/patience.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
const open: Replies[] = [];
beforeEach(() => ({ folder, remove } = temporaryFolder()));
afterEach(() => {
  for (const replies of open.splice(0)) replies.stop();
  chmodSync(folder, 0o700);
  remove();
});

function replies(): Replies {
  const made = new Replies(path.join(folder, 'replies'), silentLog);
  open.push(made);
  return made;
}

const reply = (jobId: string, final = true) => ({ jobId, content: `{"of":"${jobId}"}`, final });

test('a reply lies on the disk, readable by its owner alone, until it is acknowledged', () => {
  const one = replies();
  one.save(reply('a'));
  const [file] = readdirSync(path.join(folder, 'replies'));
  expect(statSync(path.join(folder, 'replies', file!)).mode & 0o777).toBe(0o600);
  expect(one.hasFinal('a')).toBe(true);
  one.acknowledged(file!.replace('.json', ''));
  expect(readdirSync(path.join(folder, 'replies'))).toEqual([]);
  expect(one.hasFinal('a')).toBe(false);
});

test('what was not acknowledged is sent again, under the same message id, by the next life', async () => {
  const sent: Reply[] = [];
  const first = replies();
  first.through(async (one) => (sent.push(one), 'sent'));
  first.save(reply('a'));
  await eventually('the reply', () => (sent.length === 1 ? true : undefined));
  first.stop();
  replies().through(async (one) => (sent.push(one), 'sent'));
  await eventually('the reply again', () => (sent.length === 2 ? true : undefined));
  expect(sent[1]).toEqual(sent[0]);
});

test('without an acknowledgement it comes again after two seconds; with one never', async () => {
  const at: number[] = [];
  const one = replies();
  one.through(async ({ messageId }) => {
    at.push(Date.now());
    if (at.length === 2) queueMicrotask(() => one.acknowledged(messageId));
    return 'sent';
  });
  one.save(reply('a'));
  await one.drained(patience);
  expect(at).toHaveLength(2);
  expect(at[1]! - at[0]!).toBeGreaterThan(1_900);
  expect(one.size).toBe(0);
});

test('they go in their order, the steps before the end', async () => {
  const first = replies();
  for (const name of ['step1', 'step2']) first.save(reply(name, false));
  first.save(reply('end'));
  first.stop();
  const sent: string[] = [];
  const next = replies();
  next.through(async ({ jobId }) => (sent.push(jobId), 'acknowledged'));
  await next.drained(patience);
  expect(sent.slice(-1)).toEqual(['end']);
  expect(sent.sort()).toEqual(['end', 'step1', 'step2']);
});

test('one that the service refuses does not hold up the others; a lost connection does, until there is another', async () => {
  const one = replies();
  const sent: string[] = [];
  one.through(async ({ jobId }) => {
    if (jobId === 'unwanted') throw new ServiceError('ValidationException', 400, 'no');
    sent.push(jobId);
    return 'acknowledged';
  });
  one.save(reply('unwanted'));
  one.save(reply('wanted'));
  await eventually('the other', () => (sent.includes('wanted') ? true : undefined));
  expect(one.size).toBe(1);
  one.through(async ({ jobId }) => (sent.push(jobId), 'acknowledged'));
  await one.drained(patience);
  expect(sent).toEqual(['wanted', 'unwanted']);
});

test('a file that cannot be read is set aside and holds up nothing', async () => {
  mkdirSync(path.join(folder, 'replies'));
  writeFileSync(path.join(folder, 'replies', 'half.json'), '{"messageId":"ha');
  const one = replies();
  expect(one.size).toBe(0);
  expect(existsSync(path.join(folder, 'replies', 'half.broken'))).toBe(true);
  const sent: string[] = [];
  one.through(async ({ jobId }) => (sent.push(jobId), 'acknowledged'));
  one.save(reply('a'));
  await one.drained(patience);
  expect(sent).toEqual(['a']);
});

test('what joins while another goes out follows at once', async () => {
  const one = replies();
  const sent: string[] = [];
  one.through(async ({ jobId }) => {
    if (jobId === 'a') one.save(reply('b'));
    sent.push(jobId);
    return 'acknowledged';
  });
  // No timer fires: what is sent now does not wait for one.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  one.save(reply('a'));
  await one.drained(patience);
  expect(sent).toEqual(['a', 'b']);
});

test('a disk that takes nothing does not keep a result from being told', async () => {
  const one = replies();
  rmSync(path.join(folder, 'replies'), { recursive: true });
  const sent: string[] = [];
  one.through(async ({ jobId }) => (sent.push(jobId), 'acknowledged'));
  one.save(reply('a'));
  await one.drained(patience);
  expect(sent).toEqual(['a']);
});

test('interim reports leave nothing behind, whether they went out or not', async () => {
  const one = replies();
  one.through(async () => {
    throw new Error('no wire');
  });
  await one.sendOnce({ jobId: 'a', content: '{}' });
  expect(one.size).toBe(0);
  expect(readdirSync(path.join(folder, 'replies'))).toEqual([]);
});
