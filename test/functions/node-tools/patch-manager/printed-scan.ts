/** What scan.sh prints, made without a node: for tests of what becomes of it. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface PrintedPackage {
  readonly name: string;
  readonly version: string;
  /** What the security repository offers. */
  readonly security?: string;
}

const list = 'http://security.example.com/debian bookworm-security/main amd64 Packages';

/** @param startedAt epoch seconds, by the node's clock */
export function printScan(
  packages: readonly PrintedPackage[],
  {
    startedAt = 1_767_603_600,
    distribution = 'debian',
  }: { readonly startedAt?: number; readonly distribution?: string } = {},
): string {
  const sections: Record<string, string> = {
    installed: packages
      .map(
        ({ name, version }) => `install\tinstalled\t${name}\tamd64\t${version}\t${name}\toptional\tnet\t1700000000\n`,
      )
      .join(''),
    repositories: `Package files:\n 500 ${list}\n     release o=Debian,a=stable-security,n=bookworm-security,l=Debian-Security,c=main,b=amd64\n`,
    versions: packages
      .map(({ name, version, security }) => {
        const offered = security === undefined ? '' : `     ${security} 500\n        500 ${list}\n`;
        return `${name}:\n  Installed: ${version}\n  Candidate: ${security ?? version}\n  Version table:\n${offered} *** ${version} 100\n        100 /var/lib/dpkg/status\n`;
      })
      .join(''),
    records: packages
      .flatMap(({ name, security }) =>
        security === undefined ? [] : [`${name}\tamd64\t${security}\timportant\tnet\n`],
      )
      .join(''),
    scan: `operation=Scan\nsnapshot-id=\nreboot-option=RebootIfNeeded\ninstall-override-list=\nstarted=${startedAt}\nended=${startedAt + 2}\npackage-manager=apt\nos-id=${distribution}\nos-id-like=\nos-version=12\nos-codename=bookworm\nos-name=Debian\narchitecture=amd64\nlists=system\nsections=installed repositories versions records\n`,
  };
  return `${packages.length} packages\n${Object.entries(sections)
    .map(([name, text]) => block(name, text))
    .join('')}`;
}

function block(section: string, text: string): string {
  return [
    '-----BEGIN FLOTILLA PATCH SCAN-----',
    'Format: 1',
    `Section: ${section}`,
    'Tool: test',
    `Bytes: ${Buffer.byteLength(text)}`,
    `SHA256: ${createHash('sha256').update(text).digest('hex')}`,
    '',
    ...(gzipSync(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    '-----END FLOTILLA PATCH SCAN-----',
    '',
  ].join('\n');
}
