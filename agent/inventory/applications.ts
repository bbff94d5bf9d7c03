/** AWS:Application: the packages of dpkg and rpm. */
import { statSync } from 'node:fs';
import { outputOf } from './command.ts';
import type { InventoryItem } from './item.ts';

/** A character that no field of a package has. */
const separator = '\x1f';

export async function applications(): Promise<InventoryItem> {
  const [debian, rpm] = await Promise.all([debianPackages(), rpmPackages()]);
  return { TypeName: 'AWS:Application', SchemaVersion: '1.1', Content: [...debian, ...rpm] };
}

async function debianPackages(): Promise<Record<string, string>[]> {
  const fields = [
    '${db:Status-Abbrev}',
    '${Package}',
    '${Version}',
    '${Architecture}',
    '${Maintainer}',
    '${Homepage}',
    '${binary:Summary}',
    '${Section}',
  ];
  const output = await outputOf('dpkg-query', ['-W', `-f=${fields.join(separator)}\n`]);
  return parseDebian(output ?? '', installedTime);
}

/** @param timeOf when a package was installed, ISO 8601, or '' */
export function parseDebian(
  output: string,
  timeOf: (name: string, architecture: string) => string,
): Record<string, string>[] {
  return output.split('\n').flatMap((line) => {
    const [
      status = '',
      Name = '',
      Version = '',
      Architecture = '',
      Publisher = '',
      URL = '',
      Summary = '',
      ApplicationType = '',
    ] = line.split(separator);
    // `ii`: wanted and installed; `hi`: held back and installed.
    if (!/^.i/.test(status)) return [];
    // The whole version with epoch and revision: amazon-ssm-agent splits only those of rpm.
    return [
      {
        Name,
        ApplicationType,
        Publisher,
        Version,
        Release: '',
        Epoch: '',
        InstalledTime: timeOf(Name, Architecture),
        Architecture: architecture(Architecture),
        URL,
        Summary,
        PackageId: `${Name}_${Version}_${Architecture}.deb`,
      },
    ];
  });
}

/** dpkg does not store this time. The list of a package's files is written when it is installed. */
function installedTime(name: string, packageArchitecture: string): string {
  const lists = '/var/lib/dpkg/info';
  const file =
    statSync(`${lists}/${name}.list`, { throwIfNoEntry: false }) ??
    statSync(`${lists}/${name}:${packageArchitecture}.list`, { throwIfNoEntry: false });
  return file === undefined ? '' : `${file.mtime.toISOString().slice(0, 19)}Z`;
}

async function rpmPackages(): Promise<Record<string, string>[]> {
  const fields = [
    '%{NAME}',
    '%{VERSION}',
    '%{RELEASE}',
    '%|EPOCH?{%{EPOCH}}|',
    '%{ARCH}',
    '%{VENDOR}',
    '%{URL}',
    '%{SUMMARY}',
    '%{GROUP}',
    '%{INSTALLTIME}',
  ];
  const output = await outputOf('rpm', ['-qa', '--queryformat', `${fields.join(separator)}\n`]);
  return parseRpm(output ?? '');
}

export function parseRpm(output: string): Record<string, string>[] {
  return output.split('\n').flatMap((line) => {
    const [
      Name = '',
      Version = '',
      Release = '',
      Epoch = '',
      arch = '',
      Publisher = '',
      URL = '',
      Summary = '',
      ApplicationType = '',
      installed = '',
    ] = line.split(separator).map((field) => (field === '(none)' ? '' : field));
    if (Name === '' || Name === 'gpg-pubkey') return [];
    const seconds = Number(installed);
    const InstalledTime =
      Number.isFinite(seconds) && seconds > 0 ? `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` : '';
    return [
      {
        Name,
        ApplicationType,
        Publisher,
        Version,
        Release,
        Epoch,
        InstalledTime,
        Architecture: architecture(arch),
        URL,
        Summary,
        PackageId: '',
      },
    ];
  });
}

/** AWS's spelling, the same for all packagers. */
function architecture(name: string): string {
  return { amd64: 'x86_64', arm64: 'arm64', aarch64: 'arm64' }[name] ?? name;
}
