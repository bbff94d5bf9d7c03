/** The agent's command line, and the unit it is installed as. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unit } from '../../agent/systemd.ts';
import { agentVersion } from '../../agent/version.ts';
import { JsonFolder } from '../../agent/state-folder.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
beforeEach(() => ({ folder, remove } = temporaryFolder()));
afterEach(() => remove());

const program = path.resolve(import.meta.dirname, '../../agent/main.js');
function agent(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--state', folder], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const somewhere = {
  nodeId: 'mi-1',
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1:9',
  nodeEndpoint: 'https://127.0.0.1:9',
  s3Endpoint: 'http://127.0.0.1:9',
  privateKey: '',
  fingerprint: '',
};

test('says its version and its options, and what it does not know with status 2', () => {
  expect(agent('--version')).toMatchObject({ status: 0, stdout: `${agentVersion}\n` });
  expect(agent('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/register.*--code/s) as string });
  expect(agent('dance')).toMatchObject({ status: 2, stderr: expect.stringMatching(/register/) as string });
  expect(agent('run', '--frobnicate')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/frobnicate/) as string,
  });
});

test('register says what is missing, wrong or not there', () => {
  expect(agent('register')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/--code, --id and --endpoint/) as string,
  });
  const full = ['register', '--code', 'c', '--id', 'i', '--endpoint'];
  expect(agent(...full, 'flotilla')).toMatchObject({
    status: 1,
    stderr: '--endpoint must be an http or https URL, not flotilla.\n',
  });
  expect(agent(...full, 'http://127.0.0.1:9', '--ca', '/nowhere.pem')).toMatchObject({
    status: 1,
    stderr: 'There is no CA file /nowhere.pem.\n',
  });
  expect(agent(...full, 'http://127.0.0.1:9')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/could not be reached: .*ECONNREFUSED/) as string,
  });
  new JsonFolder(folder).write('registration', somewhere);
  expect(agent(...full, 'http://127.0.0.1:9')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/registered already/) as string,
  });
});

test('run needs a registration and a log level that exists', () => {
  expect(agent('run')).toMatchObject({ status: 1, stderr: expect.stringMatching(/not registered/) as string });
  expect(agent('install-service')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/not registered/) as string,
  });
  new JsonFolder(folder).write('registration', somewhere);
  expect(agent('run', '--log-level', 'loud')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/loud/) as string,
  });
});

describe('the systemd unit', () => {
  const command = (...words: string[]): string => /^ExecStart=(.*)$/m.exec(unit(words))![1]!;
  test('comes back whatever ends it, and stops the scripts with it', () => {
    expect(unit(['node'])).toMatch(/^Restart=always$/m);
    expect(unit(['node'])).toMatch(/^KillMode=control-group$/m);
    expect(unit(['node'])).toMatch(/^WantedBy=multi-user.target$/m);
  });
  test.each([
    ['/usr/bin/node', '/usr/bin/node'],
    ['/opt/my agent/a.mjs', '"/opt/my agent/a.mjs"'],
    ['100%', '"100%%"'],
    ['$HOME', '"$$HOME"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    [';', '";"'],
  ])('%s is written %s', (word, written) => expect(command(word)).toBe(written));
});
