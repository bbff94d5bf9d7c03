import { execFile, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { judgeAptPackages } from '../../../../../functions/node-tools/patch-manager/judge-apt.ts';
import { predefinedDefault } from '../../../../../functions/node-tools/patch-manager/predefined-baselines.ts';
import { unreachedRepositories } from '../../../../../functions/node-tools/patch-manager/index.ts';
import { readScan } from '../../../../../functions/node-tools/patch-manager/scan/read-scan.ts';
import { archives, expected, installed, preferences } from './known-node.ts';
import { makeNode, serveArchives, type NodeFolder, type RunningRepository } from './package-repository.ts';

const room = path.resolve(import.meta.dirname, '../../../../../functions/node-tools/patch-manager');
const script = path.join(room, 'scan/scan.sh');

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not synchronously: the repository is served by this very process. */
const scan = (node: NodeFolder, more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      'sh',
      [script],
      { env: { ...node.environment, ...more }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });

const rows = (stdout: string): string[] => {
  const debian = predefinedDefault('DEBIAN');
  if (debian === undefined) throw new Error('Debian has a predefined baseline');
  return judgeAptPackages(readScan(stdout).packages, debian, 'Debian12').map(
    ({ state, title, severity }) => `${state} ${title} ${severity}`,
  );
};

test('AWS-RunPatchBaseline carries the script word for word', () => {
  const document = parse(readFileSync(path.join(room, 'documents/AWS-RunPatchBaseline.yaml'), 'utf8')) as {
    mainSteps: [{ inputs: { runCommand: string[] } }];
  };
  const text = readFileSync(script, 'utf8');
  expect(document.mainSteps[0].inputs.runCommand.at(-1), 'run functions/node-tools/patch-manager/scan/embed.ts').toBe(
    text,
  );
  // What stands in double braces would be taken for a parameter.
  expect(text).not.toContain('{{');
});

// A scan runs apt a dozen times: on a busy machine that takes seconds.
describe.runIf(spawnSync('apt-get', ['--version']).status === 0)('with apt', { timeout: 120_000 }, () => {
  let repository: RunningRepository;
  let folder: string;
  let node: NodeFolder;

  beforeEach(async () => {
    repository = await serveArchives(archives);
    folder = mkdtempSync(path.join(os.tmpdir(), 'flotilla-scan-'));
    node = makeNode(folder, repository.url, archives, installed, preferences);
  });
  afterEach(async () => {
    await repository.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a scan finds what is missing, and nothing else', async () => {
    const { status, stdout, stderr } = await scan(node, {
      FLOTILLA_SNAPSHOT_ID: 'a-snapshot',
      FLOTILLA_REBOOT_OPTION: 'NoReboot',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(rows(stdout)).toEqual(expected);
    const facts = readScan(stdout);
    expect(facts).toMatchObject({
      operation: 'Scan',
      snapshotId: 'a-snapshot',
      rebootOption: 'NoReboot',
      distribution: { id: 'debian', version: '12', codename: 'bookworm' },
    });
    expect(facts.endedAt - facts.startedAt).toBeGreaterThanOrEqual(0);
    expect(facts.packages.find(({ name }) => name === 'delta')?.held).toBe(true);
    const installedAt = facts.packages.find(({ name }) => name === 'alpha')?.installedAt ?? 0;
    expect(Math.abs(installedAt - Date.now())).toBeLessThan(600_000);
  });

  test('it leaves nothing behind but its own lists', async () => {
    const before = readdirSync(path.join(folder, 'lists'));
    await scan(node);
    expect(readdirSync(path.join(folder, 'tmp'))).toEqual([]);
    expect(readdirSync(path.join(folder, 'lists'))).toEqual(before);
    expect(readdirSync(path.join(folder, 'scan')).sort()).toEqual(['lists', 'lock']);
  });

  test("the system's hooks around an update do not run", async () => {
    const hook = path.join(folder, 'hook.conf');
    const ran = path.join(folder, 'ran');
    writeFileSync(
      hook,
      ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success']
        .map((name) => `APT::Update::${name} { "touch ${ran}"; };\n`)
        .join(''),
    );
    const { status } = await scan(node, {
      FLOTILLA_APT_OPTIONS: `${node.environment['FLOTILLA_APT_OPTIONS']} -c ${hook}`,
    });
    expect(status).toBe(0);
    expect(existsSync(ran)).toBe(false);
  });

  test('fresh lists are not fetched again', async () => {
    await scan(node);
    const asked = repository.requests.length;
    expect(asked).toBeGreaterThan(0);
    const second = await scan(node);
    expect(repository.requests.length).toBe(asked);
    expect(rows(second.stdout)).toEqual(expected);
  });

  test("the system's own lists are used while they are whole and fresh", async () => {
    await scan(node);
    cpSync(path.join(folder, 'scan/lists'), path.join(folder, 'lists'), { recursive: true });
    rmSync(path.join(folder, 'scan'), { recursive: true });
    const asked = repository.requests.length;
    const { stdout } = await scan(node);
    expect(repository.requests.length).toBe(asked);
    expect(stdout).toMatch(/^13 packages known to dpkg .*\(system\)/);
    expect(rows(stdout)).toEqual(expected);

    // Without the list of the security repository every package would look up to date.
    for (const name of readdirSync(path.join(folder, 'lists')))
      if (name.includes('security')) rmSync(path.join(folder, 'lists', name));
    const third = await scan(node);
    expect(repository.requests.length).toBeGreaterThan(asked);
    expect(third.stdout).toContain('(private)');
    expect(rows(third.stdout)).toEqual(expected);
  });

  test('the time of a list is when it was read, not when the repository made it', async () => {
    await scan(node);
    const lists = path.join(folder, 'scan/lists');
    for (const name of readdirSync(lists))
      if (name.endsWith('Release')) utimesSync(path.join(lists, name), 1_000_000_000, 1_000_000_000);
    const asked = repository.requests.length;
    await scan(node);
    expect(repository.requests.length).toBe(asked);
  });

  test('a repository that cannot be reached ends the scan with status 3: nothing is judged', async () => {
    repository.refuse('/bookworm-security');
    const { status, stdout, stderr } = await scan(node);
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('could not be reached');
    expect(stderr).toContain('bookworm-security');
  });

  describe('more sources', () => {
    const addSource = (line: string): void => appendFileSync(path.join(folder, 'sources.list'), `${line}\n`);
    const flat = [{ name: 'alpha', version: '9.0' }];

    test('a flat repository with Packages.gz alone: apt tries other compressions, and then has it', async () => {
      repository.serveFlat('flat', flat);
      addSource(`deb [trusted=yes] ${repository.url}/flat ./`);
      const { status, stdout, stderr } = await scan(node);
      expect([status, stderr]).toEqual([0, '']);
      const versions = readScan(stdout).packages.find(({ name }) => name === 'alpha')?.available ?? [];
      expect(versions.map(({ version }) => version)).toContain('9.0');
      // What is fresh is not fetched again, here either.
      const asked = repository.requests.length;
      expect((await scan(node)).status).toBe(0);
      expect(repository.requests.length).toBe(asked);
    });

    test('one that cannot be reached is named, and none beside it', async () => {
      repository.serveFlat('flat', flat);
      addSource(`deb [trusted=yes] ${repository.url}/flat ./`);
      addSource(`deb [trusted=yes] ${repository.url}/gone ./`);
      const { status, stdout, stderr } = await scan(node);
      expect([status, stdout]).toEqual([3, '']);
      expect(stderr.trimEnd().split('\n').at(-1)).toBe(
        `Package repositories could not be reached: ${repository.url}/gone ./; nothing was judged.`,
      );
      expect(stderr).not.toContain('/flat');
      expect(unreachedRepositories(stderr)).toBe(`${repository.url}/gone ./`);
    });

    test('a line of cdrom: is called that, and trying again does not help', async () => {
      addSource('deb cdrom:[Debian GNU/Linux 12 _Bookworm_]/ bookworm main');
      const { status, stdout, stderr } = await scan(node);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain(
        'A CD-ROM is no repository that a scan can read: cdrom://[Debian GNU/Linux 12 _Bookworm_] bookworm. Remove its line',
      );
      expect(stderr).not.toContain('could not be reached');
    });
  });

  test('no repository at all: likewise, and old lists do not stand in for it', async () => {
    expect((await scan(node)).status).toBe(0);
    await repository.close();
    const { status, stdout, stderr } = await scan(node, { FLOTILLA_FRESH_MINUTES: '0' });
    expect(status).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('nothing was judged');
  });

  test.runIf(process.getuid?.() === 0)('it needs no root', async () => {
    const nobody = 65_534;
    const own = path.join(folder, 'nobody');
    for (const place of [folder, own]) {
      mkdirSync(place, { recursive: true });
      chmodSync(place, 0o755);
    }
    chownSync(own, nobody, nobody);
    const more = { FLOTILLA_SCAN_FOLDER: path.join(own, 'scan'), TMPDIR: own, HOME: '/nonexistent' };
    const ended = await new Promise<Ended>((resolve) => {
      // The script on standard input: the checkout may be out of reach for another user.
      const child = execFile(
        'sh',
        { env: { ...node.environment, ...more }, uid: nobody, gid: nobody, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end(readFileSync(script));
    });
    expect(ended.stderr).toBe('');
    expect(rows(ended.stdout)).toEqual(expected);
  });

  test('a repository that is not trusted is another failure: trying again does not help', async () => {
    const untrusted = makeNode(path.join(folder, 'untrusted'), repository.url, archives, installed, preferences, false);
    const { status, stdout, stderr } = await scan(untrusted);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('not signed');
  });

  test('Install and unknown operations are refused before anything is done', async () => {
    expect(await scan(node, { FLOTILLA_OPERATION: 'Install' })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('Nothing was changed') as string,
    });
    expect(await scan(node, { FLOTILLA_OPERATION: 'Scrub' })).toMatchObject({ status: 1, stdout: '' });
    expect(await scan(node, { FLOTILLA_BASELINE_OVERRIDE: 's3://bucket/baseline.json' })).toMatchObject({
      status: 1,
      stdout: '',
    });
    expect(repository.requests).toEqual([]);
  });

  test('an empty package database is a broken one, not a node without packages', async () => {
    const empty = makeNode(path.join(folder, 'no-packages'), repository.url, archives, []);
    expect(await scan(empty)).toMatchObject({ status: 1, stdout: '' });
  });

  test('a new update is found by the next scan, and an installed one is no longer missing', async () => {
    await scan(node);
    const updated = makeNode(
      path.join(folder, 'updated'),
      repository.url,
      archives,
      installed.map((record) => (record.name === 'alpha' ? { ...record, version: '1.0-1+deb12u1' } : record)),
      preferences,
    );
    expect(rows((await scan(updated)).stdout)[0]).toBe('Installed alpha.amd64:1.0-1+deb12u1 Important');
  });

  describe('an output that is not whole counts for nothing', () => {
    let output: string;
    beforeEach(async () => {
      output = (await scan(node)).stdout;
    });

    test('cut anywhere', () => {
      const whole = output.trimEnd();
      expect(readScan(whole).packages).toHaveLength(12);
      for (let length = 0; length < whole.length; length += 97)
        expect(() => readScan(whole.slice(0, length)), `${length} of ${whole.length}`).toThrow();
    });

    test('changed in one character of a block', () => {
      const at = output.indexOf('H4sI') + 40;
      const changed = output.slice(0, at) + (output[at] === 'A' ? 'B' : 'A') + output.slice(at + 1);
      expect(() => readScan(changed)).toThrow(/cannot be unpacked|checksum/);
    });

    test('a later format', () => {
      expect(() => readScan(output.replaceAll('Format: 1', 'Format: 2'))).toThrow(/format 2/);
    });

    test('lines around the blocks are passed over', () => {
      expect(readScan(`a warning of the shell\n${output.replaceAll('\n', '\r\n')}\nmore\n`).packages).toHaveLength(12);
    });
  });
});
