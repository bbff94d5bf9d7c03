import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PatchBaseline, PatchRule } from '../../../../functions/node-tools/patch-manager/baseline.ts';
import { countPatches } from '../../../../functions/node-tools/patch-manager/counts.ts';
import { isSecurityRepository, judgeAptPackages } from '../../../../functions/node-tools/patch-manager/judge-apt.ts';
import {
  predefinedBaselines,
  predefinedDefault,
} from '../../../../functions/node-tools/patch-manager/predefined-baselines.ts';
import type {
  AvailableVersion,
  InstalledPackage,
  Repository,
} from '../../../../functions/node-tools/patch-manager/scan/facts.ts';

const main: Repository = {
  origin: 'Debian',
  label: 'Debian',
  suite: 'stable',
  codename: 'bookworm',
  component: 'main',
};
const security: Repository = {
  ...main,
  label: 'Debian-Security',
  suite: 'stable-security',
  codename: 'bookworm-security',
};

const offer = (version: string, repository: Repository, more: Partial<AvailableVersion> = {}): AvailableVersion => ({
  version,
  pin: 500,
  priority: 'optional',
  section: 'net',
  repositories: [repository],
  ...more,
});

const installed = (
  version: string,
  available: readonly AvailableVersion[],
  more: Partial<InstalledPackage> = {},
): InstalledPackage => ({
  name: 'nginx',
  architecture: 'amd64',
  version,
  priority: 'optional',
  section: 'net',
  held: false,
  installedAt: 1_700_000_000_000,
  available,
  ...more,
});

const rule = (more: Partial<PatchRule> = {}): PatchRule => ({
  filters: [],
  complianceLevel: 'UNSPECIFIED',
  enableNonSecurity: false,
  ...more,
});
const debian = predefinedDefault('DEBIAN');
if (debian === undefined) throw new Error('Debian has a predefined baseline');
const baseline = (more: Partial<PatchBaseline> = {}): PatchBaseline => ({ ...debian, rules: [rule()], ...more });

const judge = (node: InstalledPackage, by: PatchBaseline = baseline()): string => {
  const [patch] = judgeAptPackages([node], by, 'Debian12');
  return `${patch?.state} ${patch?.title} ${patch?.classification}/${patch?.severity}/${patch?.level}`;
};

test('an update in a security repository is missing', () => {
  expect(judge(installed('1.0', [offer('1.0', main), offer('1.1', security)]))).toBe(
    'Missing nginx.amd64:1.1 Security/Optional/UNSPECIFIED',
  );
});

test('the newest version of the security repository is installed', () => {
  expect(judge(installed('1.1', [offer('1.1', security)]))).toBe(
    'Installed nginx.amd64:1.1 Security/Optional/UNSPECIFIED',
  );
  expect(judge(installed('1:1.0', [offer('2.0', security)]))).toBe(
    'Installed nginx.amd64:1:1.0 Security/Optional/UNSPECIFIED',
  );
});

test('an ordinary update counts only where non-security updates are enabled', () => {
  const node = installed('1.0', [offer('1.1', main)], { candidate: '1.1' });
  expect(judge(node)).toBe('InstalledOther nginx.amd64:1.0 //UNSPECIFIED');
  expect(judge(node, baseline({ rules: [rule({ enableNonSecurity: true, complianceLevel: 'LOW' })] }))).toBe(
    'Missing nginx.amd64:1.1 /Optional/LOW',
  );
});

test('a security update is not hidden by a newer ordinary one', () => {
  const node = installed('1.0', [offer('3.0', main), offer('2.0', security)], { candidate: '3.0' });
  expect(judge(node)).toBe('Missing nginx.amd64:2.0 Security/Optional/UNSPECIFIED');
  expect(judge(node, baseline({ rules: [rule({ enableNonSecurity: true })] }))).toBe(
    'Missing nginx.amd64:3.0 /Optional/UNSPECIFIED',
  );
});

test('what apt would not choose is not forced on the node, and what is pinned below 0 is not offered', () => {
  const backports = installed('1.0', [offer('1.0', main), offer('9.0~bpo12+1', main, { pin: 100 })], {
    candidate: '1.0',
  });
  expect(judge(backports, baseline({ rules: [rule({ enableNonSecurity: true })] }))).toBe(
    'Installed nginx.amd64:1.0 /Optional/UNSPECIFIED',
  );
  expect(judge(installed('1.0', [offer('1.1', security, { pin: -1 })]))).toBe(
    'InstalledOther nginx.amd64:1.0 //UNSPECIFIED',
  );
});

test('a held package misses its update all the same', () => {
  expect(judge(installed('1.0', [offer('1.1', security)], { held: true }))).toMatch(/^Missing/);
});

test('a package that no repository offers is other', () => {
  expect(judge(installed('1.0', []))).toBe('InstalledOther nginx.amd64:1.0 //UNSPECIFIED');
});

test.each([
  ['PRIORITY', ['Required', 'Optional'], 'Missing'],
  ['PRIORITY', ['Required'], 'InstalledOther'],
  ['SECTION', ['net'], 'Missing'],
  ['SECTION', ['admin'], 'InstalledOther'],
  ['PRODUCT', ['Debian12'], 'Missing'],
  ['PRODUCT', ['Debian11', '*'], 'Missing'],
  ['PRODUCT', ['Debian11'], 'InstalledOther'],
  ['CLASSIFICATION', ['Security'], 'InstalledOther'],
] as const)('the filter %s %j', (key, values, state) => {
  const node = installed('1.0', [offer('1.1', security)]);
  expect(judge(node, baseline({ rules: [rule({ filters: [{ key, values }] })] })).split(' ')[0]).toBe(state);
  expect(judge(node, baseline({ globalFilters: [{ key, values }] })).split(' ')[0]).toBe(state);
});

test('of several rules one must match, and of several filters all', () => {
  const node = installed('1.0', [offer('1.1', security)]);
  const no = { key: 'SECTION', values: ['admin'] } as const;
  const yes = { key: 'PRIORITY', values: ['Optional'] } as const;
  expect(judge(node, baseline({ rules: [rule({ filters: [no] }), rule({ filters: [yes] })] }))).toMatch(/^Missing/);
  expect(judge(node, baseline({ rules: [rule({ filters: [no, yes] })] }))).toMatch(/^InstalledOther/);
});

test('the most severe level of the rules that approve the version counts', () => {
  const rules = [
    rule({ complianceLevel: 'LOW' }),
    rule({ complianceLevel: 'CRITICAL' }),
    rule({ complianceLevel: 'HIGH' }),
  ];
  expect(judge(installed('1.0', [offer('1.1', security)]), baseline({ rules }))).toMatch(/\/CRITICAL$/);
});

test('approved by name: whatever the global filters say, security updates only unless told otherwise', () => {
  const more = {
    rules: [],
    globalFilters: [{ key: 'SECTION', values: ['admin'] }],
    approvedPatches: ['ngi*'],
    approvedPatchesComplianceLevel: 'HIGH',
  } as const;
  expect(judge(installed('1.0', [offer('1.1', security)]), baseline(more))).toBe(
    'Missing nginx.amd64:1.1 Security/Optional/HIGH',
  );
  const ordinary = installed('1.0', [offer('1.1', main)], { candidate: '1.1' });
  expect(judge(ordinary, baseline(more))).toMatch(/^InstalledOther/);
  expect(judge(ordinary, baseline({ ...more, approvedPatchesEnableNonSecurity: true }))).toMatch(/^Missing/);
});

test('rejecting wins over approving', () => {
  const node = installed('1.0', [offer('1.1', security)]);
  const rejected = { approvedPatches: ['nginx'], rejectedPatches: ['nginx'] } as const;
  expect(judge(node, baseline({ ...rejected, rejectedPatchesAction: 'BLOCK' }))).toMatch(
    /^InstalledRejected nginx\.amd64:1\.0 /,
  );
  expect(judge(node, baseline({ ...rejected, rejectedPatchesAction: 'ALLOW_AS_DEPENDENCY' }))).toBe(
    'InstalledOther nginx.amd64:1.0 //UNSPECIFIED',
  );
});

test.each([
  [{ ...main, suite: 'jammy-security', codename: 'jammy', label: 'Ubuntu' }, true],
  [{ ...main, suite: 'jammy-infra-security', codename: 'jammy' }, true],
  [{ ...main, suite: 'oldstable', codename: 'buster', label: 'Debian-Security' }, true],
  [{ ...main, suite: 'stable-security', codename: 'bookworm-security' }, true],
  [{ ...main, suite: 'jammy-updates', codename: 'jammy' }, false],
  [main, false],
])('%j is a security repository: %s', (repository, expected) => {
  expect(isSecurityRepository(repository)).toBe(expected);
});

test('each package is one row, and the counters add up to them', () => {
  const version = fc.constantFrom('0.9', '1.0', '1.1', '1:0.1', '1.0~rc1');
  const available = fc.array(fc.tuple(version, fc.constantFrom(main, security), fc.constantFrom(-1, 100, 500)), {
    maxLength: 4,
  });
  const nodes = fc.array(fc.tuple(version, available, fc.boolean()), { maxLength: 30 }).map((packages) =>
    packages.map(([own, offers, held], place) =>
      installed(
        own,
        offers.map(([offered, repository, pin]) => offer(offered, repository, { pin })),
        { name: `p${place}`, held },
      ),
    ),
  );
  const by = fc.record({
    rejectedPatches: fc.constantFrom([], ['p1*']),
    rejectedPatchesAction: fc.constantFrom('BLOCK', 'ALLOW_AS_DEPENDENCY'),
    rules: fc.constantFrom([rule()], [rule({ enableNonSecurity: true, complianceLevel: 'CRITICAL' })], []),
  });
  fc.assert(
    fc.property(nodes, by, (packages, more) => {
      const patches = judgeAptPackages(packages, baseline(more), 'Debian12');
      expect(patches.map(({ kbId }) => kbId)).toEqual(packages.map(({ name }) => `${name}.amd64`).sort());
      const counts = countPatches(patches);
      expect(Object.values(counts.byState).reduce((sum, count) => sum + count, 0)).toBe(packages.length);
      const nonCompliant = counts.byState.Missing + counts.byState.InstalledRejected;
      expect(counts.critical + counts.security + counts.other).toBe(nonCompliant);
      expect(Object.values(counts.nonCompliantByLevel).reduce((sum, count) => sum + count, 0)).toBe(nonCompliant);
      expect(Object.values(counts.missingBySeverity).reduce((sum, count) => sum + count, 0)).toBe(
        counts.byState.Missing,
      );
      expect(counts.compliant).toBe(nonCompliant === 0);
    }),
  );
});

test('every operating system of the API has a predefined default, with an id of its own', () => {
  const ids = predefinedBaselines.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^pb-[0-9a-f]{17}$/);
  const systems =
    'WINDOWS AMAZON_LINUX AMAZON_LINUX_2 AMAZON_LINUX_2022 AMAZON_LINUX_2023 UBUNTU REDHAT_ENTERPRISE_LINUX SUSE CENTOS ORACLE_LINUX DEBIAN MACOS RASPBIAN ROCKY_LINUX ALMA_LINUX'.split(
      ' ',
    );
  for (const system of systems) expect(predefinedDefault(system as 'DEBIAN')?.operatingSystem).toBe(system);
});
