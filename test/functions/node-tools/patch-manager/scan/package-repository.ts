/** A package repository of our own over HTTP, and a node's dpkg database beside it: what a scan must find is known. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

export interface OfferedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  readonly priority?: string;
  readonly section?: string;
}

export interface Archive {
  readonly suite: string;
  readonly codename: string;
  readonly label: string;
  /** `NotAutomatic: yes`: apt gives its versions priority 100, as to backports. */
  readonly notAutomatic?: true;
  readonly packages: readonly OfferedPackage[];
}

export interface RunningRepository {
  readonly url: string;
  /** Paths asked for since it started. */
  readonly requests: readonly string[];
  /**
   * Offers packages as a flat repository (`deb [trusted=yes] <url>/<name> ./`) that has nothing but Packages.gz: no
   * Release file and no other compression.
   */
  serveFlat(name: string, packages: readonly OfferedPackage[]): void;
  /** Answers 503 from now on to paths that begin so. */
  refuse(prefix: string): void;
  close(): Promise<void>;
}

const architectures = ['amd64', 'i386'];

/** Serves archives as `<url>/<codename>`, each with a distribution of its codename and one component, main. */
export async function serveArchives(archives: readonly Archive[]): Promise<RunningRepository> {
  const files = new Map<string, string | Buffer>();
  for (const archive of archives)
    for (const [file, text] of distribution(archive))
      files.set(`/${archive.codename}/dists/${archive.codename}/${file}`, text);
  const requests: string[] = [];
  const refused: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    requests.push(url);
    const text = files.get(url);
    if (refused.some((prefix) => url.startsWith(prefix))) response.writeHead(503).end();
    else if (text === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    serveFlat: (name, packages) => {
      files.set(`/${name}/./Packages.gz`, gzipSync(packages.map(stanza).join('\n')));
    },
    refuse: (prefix) => refused.push(prefix),
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  };
}

function distribution(archive: Archive): Map<string, string> {
  const files = new Map<string, string>();
  for (const architecture of architectures)
    files.set(
      `main/binary-${architecture}/Packages`,
      archive.packages
        .filter((offered) => [architecture, 'all'].includes(offered.architecture ?? 'amd64'))
        .map(stanza)
        .join('\n'),
    );
  const sums = [...files].map(
    ([file, text]) => ` ${createHash('sha256').update(text).digest('hex')} ${Buffer.byteLength(text)} ${file}`,
  );
  files.set(
    'Release',
    [
      'Origin: Debian',
      `Label: ${archive.label}`,
      `Suite: ${archive.suite}`,
      `Codename: ${archive.codename}`,
      `Date: ${new Date(Date.now() - 60_000).toUTCString()}`,
      ...(archive.notAutomatic === true ? ['NotAutomatic: yes'] : []),
      `Architectures: ${architectures.join(' ')}`,
      'Components: main',
      'SHA256:',
      ...sums,
      '',
    ].join('\n'),
  );
  return files;
}

/** A package in a list. */
function stanza(offered: OfferedPackage): string {
  const { name, version, architecture = 'amd64' } = offered;
  return record(offered, [
    `Filename: pool/${name}_${version.replace(':', '%3a')}_${architecture}.deb`,
    'Size: 1000',
    `SHA256: ${createHash('sha256')
      .update(name + version)
      .digest('hex')}`,
  ]);
}

function record(
  { name, version, architecture = 'amd64', priority = 'optional', section = 'net' }: OfferedPackage,
  more: readonly string[],
): string {
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    `Maintainer: Tests <tests@example.com>`,
    `Priority: ${priority}`,
    `Section: ${section}`,
    ...more,
    `Description: package ${name}`,
    ' Priority: this line belongs to the description',
    '',
  ].join('\n');
}

export interface InstalledRecord extends OfferedPackage {
  /** As dpkg's status file has it; default `install ok installed`. */
  readonly status?: string;
}

export interface NodeFolder {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A node's side: dpkg database, sources, preferences, os-release, and empty system lists. */
export function makeNode(
  folder: string,
  repository: string,
  archives: readonly Archive[],
  installed: readonly InstalledRecord[],
  preferences = '',
  trusted = true,
): NodeFolder {
  const at = (...names: string[]): string => path.join(folder, ...names);
  for (const name of ['dpkg/info', 'dpkg/updates', 'lists/partial', 'tmp', 'empty'])
    mkdirSync(at(name), { recursive: true });
  writeFileSync(
    at('dpkg/status'),
    installed.map((one) => record(one, [`Status: ${one.status ?? 'install ok installed'}`])).join('\n'),
  );
  writeFileSync(at('dpkg/arch'), 'amd64\ni386\n');
  for (const { name, architecture = 'amd64' } of installed) {
    writeFileSync(at('dpkg/info', `${name}.list`), '/.\n');
    if (architecture === 'i386') writeFileSync(at('dpkg/info', `${name}:i386.list`), '/.\n');
  }
  writeFileSync(
    at('sources.list'),
    archives
      .map(({ codename }) => `deb ${trusted ? '[trusted=yes] ' : ''}${repository}/${codename} ${codename} main\n`)
      .join(''),
  );
  writeFileSync(at('preferences'), preferences);
  writeFileSync(
    at('os-release'),
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  );
  const options = {
    'Dir::Etc::SourceList': at('sources.list'),
    'Dir::Etc::SourceParts': at('empty'),
    'Dir::Etc::Preferences': at('preferences'),
    'Dir::Etc::PreferencesParts': at('empty'),
    'Dir::State::Lists': at('lists/'),
    'Dir::State::status': at('dpkg/status'),
    'APT::Architecture': 'amd64',
    'APT::Architectures::': 'i386',
    'Acquire::Retries': '0',
    'Acquire::http::Proxy': 'DIRECT',
  };
  return {
    folder,
    environment: {
      ...(process.env as Record<string, string>),
      FLOTILLA_APT_OPTIONS: Object.entries(options)
        .map(([name, value]) => `-o ${name}=${value}`)
        .join(' '),
      FLOTILLA_DPKG_ADMINDIR: at('dpkg'),
      FLOTILLA_OS_RELEASE: at('os-release'),
      FLOTILLA_SCAN_FOLDER: at('scan'),
      TMPDIR: at('tmp'),
    },
  };
}
