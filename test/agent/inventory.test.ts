import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loginEnvironment } from '../../agent/login-environment.ts';
import { parseDebian, parseRpm } from '../../agent/inventory/applications.ts';
import { customInventory, parseCustom } from '../../agent/inventory/custom.ts';
import { describeProcessors } from '../../agent/inventory/detailed-information.ts';
import { fileMatcher, files, parseFilters } from '../../agent/inventory/files.ts';
import { nameServers, parseRoutes } from '../../agent/inventory/network.ts';
import { parseServices } from '../../agent/inventory/services.ts';
import { calls, slim } from '../../agent/plugins/software-inventory.ts';
import { osRelease } from '../../agent/platform.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
beforeEach(() => ({ folder, remove } = temporaryFolder()));
afterEach(() => remove());

const line = (...fields: string[]): string => fields.join('\x1f');

describe('packages', () => {
  test('of dpkg: what is installed, held back or not; the version whole', () => {
    const output = [
      line(
        'ii ',
        'openssl',
        '1:3.0.11-1~deb12u2',
        'amd64',
        'Maintainers <m@example.org>',
        'https://openssl.org',
        'Secure Sockets',
        'utils',
      ),
      line('hi ', 'held', '1.0', 'all', '', '', '', 'misc'),
      line('rc ', 'removed', '2.0', 'all', '', '', '', 'misc'),
      '',
    ].join('\n');
    expect(parseDebian(output, () => '2026-01-01T00:00:00Z')).toEqual([
      {
        Name: 'openssl',
        ApplicationType: 'utils',
        Publisher: 'Maintainers <m@example.org>',
        Version: '1:3.0.11-1~deb12u2',
        Release: '',
        Epoch: '',
        InstalledTime: '2026-01-01T00:00:00Z',
        Architecture: 'x86_64',
        URL: 'https://openssl.org',
        Summary: 'Secure Sockets',
        PackageId: 'openssl_1:3.0.11-1~deb12u2_amd64.deb',
      },
      expect.objectContaining({ Name: 'held', Architecture: 'all' }),
    ]);
  });

  test('of rpm: version, release and epoch apart; what rpm has not is empty', () => {
    const output = `${line('bash', '5.1.8', '6.el9', '(none)', 'x86_64', 'Vendor', 'https://gnu.org', 'The shell', 'Unspecified', '1700000000')}\n${line('gpg-pubkey', '1', '1', '', '(none)', '', '', '', '', '')}\n`;
    expect(parseRpm(output)).toEqual([
      {
        Name: 'bash',
        ApplicationType: 'Unspecified',
        Publisher: 'Vendor',
        Version: '5.1.8',
        Release: '6.el9',
        Epoch: '',
        InstalledTime: '2023-11-14T22:13:20Z',
        Architecture: 'x86_64',
        URL: 'https://gnu.org',
        Summary: 'The shell',
        PackageId: '',
      },
    ]);
  });

  test('whatever a line holds, every value is text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const entry of [...parseDebian(`ii \x1f${text}`, () => ''), ...parseRpm(text)])
          expect(Object.values(entry).every((value) => typeof value === 'string')).toBe(true);
      }),
    );
  });
});

test('services of systemd, with how they are started; those that are not there are left out', () => {
  const units =
    'ssh.service loaded active running OpenBSD Secure Shell server\ncron.service loaded inactive dead Regular jobs\ngone.service not-found inactive dead gone.service\n';
  const unitFiles = 'ssh.service enabled enabled\ncron.service disabled enabled\n';
  expect(parseServices(units, unitFiles)).toEqual([
    {
      Name: 'ssh',
      DisplayName: 'OpenBSD Secure Shell server',
      ServiceType: 'service',
      Status: 'active',
      DependentServices: '',
      ServicesDependedOn: '',
      StartType: 'enabled',
    },
    {
      Name: 'cron',
      DisplayName: 'Regular jobs',
      ServiceType: 'service',
      Status: 'inactive',
      DependentServices: '',
      ServicesDependedOn: '',
      StartType: 'disabled',
    },
  ]);
});

test('processors: two sockets of two cores with two threads each', () => {
  const block = (processor: number): string =>
    `processor\t: ${processor}\nmodel name\t: Fast CPU\ncpu MHz\t\t: 2399.998\nphysical id\t: ${processor >> 2}\ncore id\t\t: ${(processor >> 1) & 1}\n`;
  expect(describeProcessors(Array.from({ length: 8 }, (_, processor) => block(processor)).join('\n'))).toEqual({
    CPUModel: 'Fast CPU',
    CPUCores: '4',
    CPUs: '8',
    CPUSpeedMHz: '2400',
    CPUSockets: '2',
    CPUHyperThreadEnabled: 'true',
  });
});

test('processors where /proc/cpuinfo names no cores (arm64): one core each', () => {
  expect(
    describeProcessors('processor\t: 0\nBogoMIPS\t: 243.75\n\nprocessor\t: 1\nBogoMIPS\t: 243.75\n'),
  ).toMatchObject({ CPUCores: '2', CPUs: '2', CPUSockets: '1', CPUHyperThreadEnabled: 'false' });
});

test('network: gateways by device, name servers in their order', () => {
  expect(parseRoutes('default via 192.0.2.1 dev eth0 proto dhcp metric 100\n192.0.2.0/24 dev eth0\n')).toEqual(
    new Map([['eth0', '192.0.2.1']]),
  );
  expect(nameServers('# by hand\nnameserver 192.0.2.53\n  nameserver 2001:db8::53\nsearch example.org\n')).toBe(
    '192.0.2.53,2001:db8::53',
  );
});

test('os-release, quoted in either way', () => {
  const file = path.join(folder, 'os-release');
  writeFileSync(file, `NAME="Debian GNU/Linux"\nVERSION_ID='12'\nID=debian\n# no\n`);
  expect(osRelease(file)).toMatchObject({ NAME: 'Debian GNU/Linux', VERSION_ID: '12', ID: 'debian' });
  expect(osRelease(path.join(folder, 'none'))).toEqual({});
});

describe('custom types', () => {
  const rack = { SchemaVersion: '1.0', TypeName: 'Custom:RackInfo', Content: { Rack: '7' } };
  test('one entry or a list, by file', () => {
    writeFileSync(path.join(folder, 'a.json'), JSON.stringify(rack));
    writeFileSync(
      path.join(folder, 'b.json'),
      JSON.stringify({ ...rack, TypeName: 'Custom:Fans', Content: [{ Fan: '1' }, { Fan: '2' }] }),
    );
    writeFileSync(path.join(folder, 'notes.txt'), 'not of interest');
    expect(customInventory(folder)).toEqual([
      { TypeName: 'Custom:RackInfo', SchemaVersion: '1.0', Content: [{ Rack: '7' }] },
      { TypeName: 'Custom:Fans', SchemaVersion: '1.0', Content: [{ Fan: '1' }, { Fan: '2' }] },
    ]);
    expect(customInventory(path.join(folder, 'none'))).toEqual([]);
  });
  test.each([
    ['no JSON', '{'],
    ['a type of AWS', JSON.stringify({ ...rack, TypeName: 'AWS:Application' })],
    ['no schema version', JSON.stringify({ ...rack, SchemaVersion: undefined })],
    ['a value that is no text', JSON.stringify({ ...rack, Content: { Rack: 7 } })],
    ['a name of 65 characters', JSON.stringify({ ...rack, Content: { ['x'.repeat(65)]: '' } })],
    ['a value of 4,097', JSON.stringify({ ...rack, Content: { Rack: 'x'.repeat(4097) } })],
    [
      '51 attributes',
      JSON.stringify({
        ...rack,
        Content: Object.fromEntries(Array.from({ length: 51 }, (_, place) => [`a${place}`, ''])),
      }),
    ],
  ])('refuses %s', (_name, text) => expect(() => parseCustom(text, 'file.json')).toThrow());
  test('two files of one type are refused', () => {
    for (const name of ['a', 'b']) writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(rack));
    expect(() => customInventory(folder)).toThrow(/same TypeName/);
  });
});

describe('files', () => {
  test('by pattern, in depth where asked for', async () => {
    mkdirSync(path.join(folder, 'sub'));
    for (const name of ['a.conf', 'b.txt', 'sub/c.conf']) writeFileSync(path.join(folder, name), 'content');
    const found = async (Recursive: boolean) =>
      (await files(JSON.stringify([{ Path: folder, Pattern: ['*.conf'], Recursive }]))).Content.map(
        ({ Name, InstalledDir, Size }) => [Name, InstalledDir, Size],
      );
    expect(await found(false)).toEqual([['a.conf', folder, '7']]);
    expect(await found(true)).toEqual([
      ['a.conf', folder, '7'],
      ['c.conf', path.join(folder, 'sub'), '7'],
    ]);
  });
  test('variables of the environment, folders that are not there, filters that are none', async () => {
    process.env.FLOTILLA_TEST_FOLDER = folder;
    // A login's, and nothing of what the agent was started with.
    expect(parseFilters('[{"Path":"${HOME}/x$FLOTILLA_TEST_FOLDER","Pattern":["*"]}]')[0]!.path).toBe(
      `${loginEnvironment().HOME}/x`,
    );
    expect((await files('[{"Path":"/nowhere/at/all","Pattern":["*"]}]')).Content).toEqual([]);
    expect(() => parseFilters('{}')).toThrow(/not a list/);
  });
  test('a pattern matches whole names, and what is special in a regular expression is not', () => {
    expect(fileMatcher('a+b?.c*')('a+bX.conf')).toBe(true);
    expect(fileMatcher('a.c')('abc')).toBe(false);
    fc.assert(
      fc.property(
        fc.string().filter((name) => !/[*?]/.test(name)),
        (name) => {
          expect(fileMatcher(name)(name)).toBe(true);
          expect(fileMatcher(`*${name}`)(`before${name}`)).toBe(true);
        },
      ),
    );
  });
});

describe('what is uploaded', () => {
  const item = (TypeName: string, entries: number, length: number) => ({
    TypeName,
    SchemaVersion: '1.0',
    Content: Array.from({ length: entries }, () => ({
      Name: 'n',
      Summary: 's'.repeat(length),
      URL: 'u'.repeat(length),
      Publisher: 'p',
    })),
  });

  test('an item of more than 1 MB loses its summaries first, then its addresses', () => {
    expect(slim(item('a', 10, 100))).toEqual(item('a', 10, 100));
    const one = slim(item('a', 8_000, 70)).Content[0]!;
    expect(one).toMatchObject({ Summary: '', URL: 'u'.repeat(70), Publisher: 'p' });
    expect(slim(item('a', 8_000, 200)).Content[0]).toMatchObject({ Summary: '', URL: '', Publisher: 'p' });
  });
  test('calls of at most 1 MB, in the order of their items', () => {
    const grouped = calls([item('a', 1_000, 200), item('b', 1_000, 200), item('c', 1_500, 200), item('d', 1, 1)]);
    expect(grouped.map((call) => call.map(({ TypeName }) => TypeName))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });
});
