/** Distributor's packages: a manifest of files by platform, version and architecture (spec: distributor.md §3.1). */
import type { Content } from '../content.ts';
import { isMapping, mapping, onlyMembers, text } from '../shapes.ts';
import type { Violations } from '../violations.ts';
import { checkAttachedFiles } from './attached-files.ts';
import { platforms, type Platform } from './plugins.ts';
import { structured, type Reading, type TypeRules } from './rules.ts';

/** Members in the manifests of AWS's own packages. They are stored, and nothing here reads them. */
const ofAws = ['packageArn', 'name', 'url'];
const members = ['schemaVersion', 'version', 'publisher', 'description', 'packages', 'files', ...ofAws];

export const packageRules: TypeRules = {
  formats: structured,
  schemaVersions: ['2.0'],
  isMapping: true,
  check,
  platforms: platformsOf,
};

function check({ content }: Reading, faults: Violations): void {
  onlyMembers(content, members, [], faults);
  const version = text(content, 'version', [], faults);
  if (content.version === undefined) faults.add([], 'has no version');
  if (version !== undefined && !/^[\w.-]{1,512}$/.test(version))
    faults.add(['version'], 'may hold letters, digits, _, . and - only');
  for (const member of ['publisher', 'description', ...ofAws]) text(content, member, [], faults);
  if (content.files === undefined) faults.add([], 'has no files');
  else checkAttachedFiles(content.files, ['files'], faults);
  if (content.packages === undefined) faults.add([], 'has no packages');
  else checkPackages(content, faults);
}

/**
 * Platform, its version, architecture, file. Each file that is named must be listed, and each listed file must be
 * named.
 */
function checkPackages(content: Content, faults: Violations): void {
  const listed = new Set(isMapping(content.files) ? Object.keys(content.files) : []);
  const named = new Set<string>();
  for (const [platform, versions] of Object.entries(mapping(content.packages, ['packages'], faults) ?? {}))
    for (const [version, architectures] of Object.entries(mapping(versions, ['packages', platform], faults) ?? {}))
      for (const [architecture, entry] of Object.entries(
        mapping(architectures, ['packages', platform, version], faults) ?? {},
      )) {
        const path = ['packages', platform, version, architecture];
        const file = mapping(entry, path, faults)?.file;
        if (typeof file !== 'string') faults.add([...path, 'file'], 'is missing; it names the file');
        else if (!listed.has(file)) faults.add([...path, 'file'], `${file} is not in files`);
        else named.add(file);
      }
  if (named.size === 0) faults.add(['packages'], 'has no packages');
  for (const file of listed) if (!named.has(file)) faults.add(['files', file], 'is in none of the packages');
}

function platformsOf({ packages }: Content): readonly Platform[] {
  const names = Object.keys(isMapping(packages) ? packages : {}).map((name) => name.toLowerCase());
  const found = new Set<Platform>(
    names.flatMap((name): readonly Platform[] =>
      name === '_any' ? platforms : name === 'windows' ? ['Windows'] : name === 'macos' ? ['MacOS'] : ['Linux'],
    ),
  );
  return platforms.filter((platform) => found.has(platform));
}
