/** Parses the output of `apt-cache policy`: without names it lists repositories, with names each package's versions. */
import type { Repository } from './facts.ts';

export interface PackagePolicy {
  /** Absent where apt would install none. */
  readonly candidate?: string;
  readonly versions: readonly PolicyVersion[];
}

export interface PolicyVersion {
  readonly version: string;
  readonly pin: number;
  /** The repositories that have it, with their names in the list of repositories. */
  readonly sources: readonly string[];
}

/**
 * Repositories by the text that stands for them in the version tables:
 *
 *      500 http://deb.debian.org/debian bookworm/main amd64 Packages
 *          release v=12.5,o=Debian,a=stable,n=bookworm,l=Debian,c=main,b=amd64
 *
 * What dpkg has installed is listed too, as `/var/lib/dpkg/status` with `a=now`; it is left out here.
 */
export function readRepositories(text: string): ReadonlyMap<string, Repository> {
  const repositories = new Map<string, Repository>();
  let source: string | undefined;
  for (const line of text.split('\n')) {
    const named = /^ *-?\d+ (\S.*)$/.exec(line)?.[1];
    if (named !== undefined) source = named;
    const release = /^ +release (.*)$/.exec(line)?.[1];
    if (release === undefined || source === undefined) continue;
    const values = new Map(release.split(/,(?=[a-z]=)/).map((part) => [part.slice(0, 1), part.slice(2)]));
    if (values.get('a') === 'now') continue;
    repositories.set(source, {
      origin: values.get('o') ?? '',
      label: values.get('l') ?? '',
      suite: values.get('a') ?? '',
      codename: values.get('n') ?? '',
      component: values.get('c') ?? '',
    });
  }
  return repositories;
}

/**
 * The version tables by package, foreign architectures as `name:architecture`:
 *
 *     apt:
 *       Installed: 2.6.1
 *       Candidate: 2.6.2
 *       Version table:
 *          2.6.2 500
 *             500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
 *      *** 2.6.1 500
 */
export function readPolicies(text: string): ReadonlyMap<string, PackagePolicy> {
  const policies = new Map<string, PackagePolicy>();
  let versions: { version: string; pin: number; sources: string[] }[] = [];
  let name: string | undefined;
  for (const line of text.split('\n')) {
    const heading = /^(\S+):$/.exec(line)?.[1];
    if (heading !== undefined) {
      name = heading;
      versions = [];
      policies.set(name, { versions });
      continue;
    }
    if (name === undefined) continue;
    const candidate = /^ {2}Candidate: (\S+)$/.exec(line)?.[1];
    if (candidate !== undefined) {
      if (candidate !== '(none)') policies.set(name, { candidate, versions });
      continue;
    }
    // Ubuntu adds "(phased 20%)" to an update that machines get in steps.
    const row = /^ (?:\*{3}| {3}) (\S+) (-?\d+)(?: \(.*\))?$/.exec(line);
    if (row?.[1] !== undefined) {
      versions.push({ version: row[1], pin: Number(row[2]), sources: [] });
      continue;
    }
    const source = /^ {5,}-?\d+ (\S.*)$/.exec(line)?.[1];
    if (source !== undefined) versions.at(-1)?.sources.push(source);
  }
  return policies;
}
