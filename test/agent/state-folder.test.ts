import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Journal } from '../../agent/journal.ts';
import { Orchestration } from '../../agent/orchestration.ts';
import { processGroup } from '../../agent/process-group.ts';
import { JsonFolder, prepareStateFolder } from '../../agent/state-folder.ts';
import { AlreadyRunning, lockState } from '../../agent/state-lock.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
beforeEach(() => ({ folder, remove } = temporaryFolder()));
afterEach(() => remove());

const mode = (file: string): number => statSync(file).mode & 0o777;

test("the folder is its owner's alone, even if it was made otherwise; so is every file in it", () => {
  chmodSync(folder, 0o755);
  prepareStateFolder(folder);
  expect(mode(folder)).toBe(0o700);
  new JsonFolder(path.join(folder, 'below')).write('a', { a: 1 });
  expect([mode(path.join(folder, 'below')), mode(path.join(folder, 'below', 'a.json'))]).toEqual([0o700, 0o600]);
});

describe('a folder of JSON', () => {
  test.each(['', '{"half', '"text"', 'null'])('a file with %j is set aside, and known of', (content) => {
    const own = new JsonFolder<{ a: number }>(folder);
    writeFileSync(path.join(folder, 'a.json'), content);
    expect(own.read('a')).toBeUndefined();
    expect(own.names()).toEqual([]);
    expect(own.has('a')).toBe(true);
    own.write('a', { a: 2 });
    expect(own.read('a')).toEqual({ a: 2 });
  });
  test.each(['../a', 'a/b', '.hidden', '', 'x'.repeat(201)])('no file is named %j', (name) =>
    expect(() => new JsonFolder(folder).write(name, {})).toThrow(/cannot name a file/),
  );
});

test('the journal forgets what ended a day ago, and nothing else', () => {
  const journal = new Journal(folder);
  for (const id of ['old', 'new', 'running'])
    journal.take({ commandId: id, jobId: `aws.ssm.${id}.mi-1`, payload: '{}' });
  for (const id of ['old', 'new']) journal.update(id, { phase: 'done' });
  const file = new JsonFolder<Record<string, unknown>>(folder);
  for (const id of ['old', 'running'])
    file.write(id, { ...file.read(id), takenAt: 0, ...(id === 'old' ? { doneAt: Date.now() - 25 * 3600_000 } : {}) });
  journal.prune();
  expect(file.names().sort()).toEqual(['new', 'running']);
  expect(journal.unfinished().map(({ commandId }) => commandId)).toEqual(['running']);
});

test('folders of runs go after a day, but not from under a run', () => {
  const orchestration = new Orchestration(folder);
  for (const id of ['old', 'young', 'running']) mkdirSync(orchestration.enter(id));
  for (const id of ['old', 'young']) orchestration.leave(id);
  const yesterday = Date.now() / 1000 - 25 * 3600;
  for (const id of ['old', 'running']) utimesSync(path.join(folder, id), yesterday, yesterday);
  orchestration.prune();
  expect(['old', 'young', 'running'].map((id) => existsSync(path.join(folder, id)))).toEqual([false, true, true]);
});

describe('one agent a folder', () => {
  test('another that runs keeps it, one that was killed does not', async () => {
    const other = spawn('sleep', ['60']);
    try {
      await new Promise((resolve) => other.once('spawn', resolve));
      new JsonFolder(folder).write('running', processGroup(other.pid!)!);
      await expect(lockState(folder, { replace: false })).rejects.toThrow(AlreadyRunning);
    } finally {
      const ended = new Promise((resolve) => other.once('exit', resolve));
      other.kill('SIGKILL');
      await ended;
    }
    await lockState(folder, { replace: false });
    expect(new JsonFolder(folder).read('running')).toEqual(processGroup(process.pid));
  });

  test('it is ended when this one is to replace it', async () => {
    const other = spawn('sleep', ['60']);
    await new Promise((resolve) => other.once('spawn', resolve));
    const ended = new Promise((resolve) => other.once('exit', (_code, signal) => resolve(signal)));
    new JsonFolder(folder).write('running', processGroup(other.pid!)!);
    await lockState(folder, { replace: true });
    expect(await ended).toBe('SIGTERM');
  });

  test('the number of a process that means another one now does not count', async () => {
    new JsonFolder(folder).write('running', { pid: process.ppid, startedAt: '1' });
    await lockState(folder, { replace: false });
  });
});
