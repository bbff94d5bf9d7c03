/** Parses the output of scan.sh. */
import { readPolicies, readRepositories, type PackagePolicy, type PolicyVersion } from './apt-policy.ts';
import { readBlocks, UnreadableScan } from './blocks.ts';
import type { AvailableVersion, InstalledPackage, Repository, Scan } from './facts.ts';

/** dpkg's states of a package that is present, even when it is not fully configured. */
const present: ReadonlySet<string> = new Set([
  'installed',
  'triggers-awaited',
  'triggers-pending',
  'half-configured',
  'unpacked',
]);

/**
 * The facts of a complete scan.
 * @param output the complete standard output of scan.sh
 * @throws UnreadableScan when it is cut off, changed, or not a scan that this version can read
 */
export function readScan(output: string): Scan {
  const sections = readBlocks(output);
  const section = (name: string): string => {
    const text = sections.get(name);
    if (text === undefined) throw new UnreadableScan(`section ${name} of the scan is absent`);
    return text;
  };
  // This section is printed last and names the others: without it the output is cut off.
  const scan = new Map(
    linesOf(section('scan')).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const value = (name: string): string => scan.get(name) ?? '';
  if (value('operation') !== 'Scan' || value('package-manager') !== 'apt')
    throw new UnreadableScan(`operation ${value('operation')} by ${value('package-manager')} is not known`);

  const policies = readPolicies(section('versions'));
  const repositories = readRepositories(section('repositories'));
  const records = readRecords(section('records'));
  const native = value('architecture');
  return {
    operation: 'Scan',
    snapshotId: value('snapshot-id'),
    rebootOption: value('reboot-option'),
    installOverrideList: value('install-override-list'),
    startedAt: Number(value('started')) * 1000,
    endedAt: Number(value('ended')) * 1000,
    distribution: {
      id: value('os-id'),
      like: value('os-id-like')
        .split(' ')
        .filter((id) => id !== ''),
      version: value('os-version'),
      codename: value('os-codename'),
      name: value('os-name'),
    },
    packages: linesOf(section('installed')).flatMap((line) => {
      const installed = readInstalled(line);
      if (installed === undefined) return [];
      const foreign = installed.architecture !== native && installed.architecture !== 'all';
      const policy = policies.get(foreign ? `${installed.name}:${installed.architecture}` : installed.name);
      return [withPolicy(installed, policy, repositories, records)];
    }),
  };
}

/** Want, status, package, architecture, version, source, priority, section, last modified (epoch seconds). */
function readInstalled(line: string): Omit<InstalledPackage, 'available'> | undefined {
  const [
    want = '',
    status = '',
    name = '',
    architecture = '',
    version = '',
    _source = '',
    priority = '',
    section = '',
    modified = '',
  ] = line.split('\t');
  if (!present.has(status)) return undefined;
  return {
    name,
    architecture,
    version,
    priority,
    section,
    held: want === 'hold',
    ...(modified === '' ? {} : { installedAt: Number(modified) * 1000 }),
  };
}

type Records = ReadonlyMap<string, { readonly priority: string; readonly section: string }>;

/** The lists' data of a version, keyed by `name version`: name, architecture, version, priority, section. */
function readRecords(text: string): Records {
  return new Map(
    linesOf(text).map((line) => {
      const [name = '', _architecture = '', version = '', priority = '', section = ''] = line.split('\t');
      return [`${name} ${version}`, { priority, section }];
    }),
  );
}

function withPolicy(
  installed: Omit<InstalledPackage, 'available'>,
  policy: PackagePolicy | undefined,
  repositories: ReadonlyMap<string, Repository>,
  records: Records,
): InstalledPackage {
  const available = (policy?.versions ?? []).flatMap((version: PolicyVersion): AvailableVersion[] => {
    const from = version.sources.flatMap((source) => repositories.get(source) ?? []);
    if (from.length === 0) return [];
    const record = records.get(`${installed.name} ${version.version}`);
    return [
      {
        version: version.version,
        pin: version.pin,
        priority: record?.priority ?? installed.priority,
        section: record?.section ?? installed.section,
        repositories: from,
      },
    ];
  });
  return { ...installed, ...(policy?.candidate === undefined ? {} : { candidate: policy.candidate }), available };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
