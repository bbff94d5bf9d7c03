/** What programs of a command find in their environment: what a login has. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loginEnvironment } from '../../agent/login-environment.ts';

let etc: string;
beforeEach(() => {
  etc = mkdtempSync(path.join(tmpdir(), 'etc-'));
});
afterEach(() => rmSync(etc, { recursive: true, force: true }));

const root = { uid: 0, username: 'root', homedir: '/root', shell: '/bin/bash' };
const user = { uid: 1000, username: 'ann', homedir: '/home/ann', shell: '/bin/zsh' };

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(etc, file)), { recursive: true });
  writeFileSync(path.join(etc, file), text);
}

test('root and others have the usual paths where the machine says nothing', () => {
  expect(loginEnvironment(root, etc)).toEqual({
    HOME: '/root',
    LANG: 'C.UTF-8',
    LOGNAME: 'root',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    SHELL: '/bin/bash',
    USER: 'root',
  });
  expect(loginEnvironment(user, etc)).toMatchObject({ HOME: '/home/ann', PATH: '/usr/local/bin:/usr/bin:/bin' });
});

test('login.defs says otherwise for root and for users', () => {
  write('login.defs', '# paths\nENV_SUPATH\tPATH=/sbin:/bin\nENV_PATH  PATH=/bin:/games\nUMASK 022\n');
  expect(loginEnvironment(root, etc).PATH).toBe('/sbin:/bin');
  expect(loginEnvironment(user, etc).PATH).toBe('/bin:/games');
});

test('/etc/environment stands above it; of what else is there nothing is taken', () => {
  write('login.defs', 'ENV_SUPATH PATH=/sbin\n');
  write('environment', '# a comment\nexport PATH="/opt/bin:/bin"\nSECRET=1\nLANG=de_DE.UTF-8\n');
  expect(loginEnvironment(root, etc)).toEqual({
    HOME: '/root',
    LANG: 'de_DE.UTF-8',
    LOGNAME: 'root',
    PATH: '/opt/bin:/bin',
    SHELL: '/bin/bash',
    USER: 'root',
  });
});

test('the language is the machine’s', () => {
  write('locale.conf', 'LANG=fr_FR.UTF-8\n');
  expect(loginEnvironment(user, etc).LANG).toBe('fr_FR.UTF-8');
  write('default/locale', '#  File\nLANG="en_GB.UTF-8"\n');
  expect(loginEnvironment(user, etc).LANG).toBe('en_GB.UTF-8');
});
