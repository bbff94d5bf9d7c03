/**
 * Compares the packages of a Debian, Ubuntu or Raspbian node with a baseline (patch-manager.md §4.2, §6.1). Each
 * package becomes one row.
 */
import type { PatchComplianceLevel } from '@aws-sdk/client-ssm';
import { highestLevel, type PatchBaseline, type PatchFilter } from './baseline.ts';
import { compareDebVersions } from './deb-version.ts';
import { matchesAny } from './name-pattern.ts';
import type { Patch, PatchState } from './patch.ts';
import type { AvailableVersion, InstalledPackage, Repository } from './scan/facts.ts';

/**
 * The rows of a node, ordered by id.
 * @param product compared with PRODUCT filters: `Debian12`
 */
export function judgeAptPackages(
  packages: readonly InstalledPackage[],
  baseline: PatchBaseline,
  product: string,
): Patch[] {
  return packages
    .map((installed) => judge(installed, baseline, product))
    .sort((a, b) => (a.kbId < b.kbId ? -1 : a.kbId > b.kbId ? 1 : compareDebVersions(versionOf(a), versionOf(b))));
}

const versionOf = ({ title, kbId }: Patch): string => title.slice(kbId.length + 1);

function judge(installed: InstalledPackage, baseline: PatchBaseline, product: string): Patch {
  const approved = newestApproved(installed, baseline, product);
  // Rejection has priority over approval. A rejected package that is allowed as a dependency is not counted as a fault.
  if (matchesAny(baseline.rejectedPatches, installed.name))
    return baseline.rejectedPatchesAction === 'BLOCK'
      ? row(installed, 'InstalledRejected', approved)
      : row(installed, 'InstalledOther');
  if (approved === undefined) return row(installed, 'InstalledOther');
  return row(
    installed,
    compareDebVersions(approved.version.version, installed.version) > 0 ? 'Missing' : 'Installed',
    approved,
  );
}

interface Approval {
  readonly version: AvailableVersion;
  readonly level: PatchComplianceLevel;
}

/** The newest version that the baseline approves, also when it is installed already. */
function newestApproved(installed: InstalledPackage, baseline: PatchBaseline, product: string): Approval | undefined {
  const passesAll = (version: AvailableVersion, filters: readonly PatchFilter[]): boolean =>
    filters.every((filter) => passes(version, filter, product));
  const approvals: Approval[] = [];
  for (const rule of baseline.rules) {
    const version = bestVersion(installed, rule.enableNonSecurity);
    if (version !== undefined && passesAll(version, baseline.globalFilters) && passesAll(version, rule.filters))
      approvals.push({ version, level: rule.complianceLevel });
  }
  if (matchesAny(baseline.approvedPatches, installed.name)) {
    const version = bestVersion(installed, baseline.approvedPatchesEnableNonSecurity);
    if (version !== undefined) approvals.push({ version, level: baseline.approvedPatchesComplianceLevel });
  }
  const newest = newestOf(approvals.map(({ version }) => version));
  return newest === undefined
    ? undefined
    : {
        version: newest,
        level: highestLevel(approvals.filter(({ version }) => version === newest).map(({ level }) => level)),
      };
}

/**
 * The version that could be approved for a package: the newest one of a security repository; with non-security updates,
 * apt's own choice if that is newer. So a newer version in an ordinary repository does not hide a security update, and
 * a node that gives backports a low priority is not forced to install them.
 */
function bestVersion(installed: InstalledPackage, nonSecurity: boolean): AvailableVersion | undefined {
  const offered = installed.available.filter(({ pin }) => pin >= 0);
  return newestOf(
    offered.filter((version) => isSecurity(version) || (nonSecurity && version.version === installed.candidate)),
  );
}

function newestOf(versions: readonly AvailableVersion[]): AvailableVersion | undefined {
  return versions.reduce<AvailableVersion | undefined>(
    (best, next) => (best === undefined || compareDebVersions(next.version, best.version) > 0 ? next : best),
    undefined,
  );
}

function passes(version: AvailableVersion, { key, values }: PatchFilter, product: string): boolean {
  if (values.includes('*')) return true;
  const attribute = { PRODUCT: product, PRIORITY: version.priority, SECTION: version.section }[key as string];
  return attribute !== undefined && values.some((value) => value.toLowerCase() === attribute.toLowerCase());
}

const isSecurity = ({ repositories }: AvailableVersion): boolean => repositories.some(isSecurityRepository);

/** `bookworm-security`; `buster/updates`, as Debian named it until 10; `jammy-infra-security` of Ubuntu Pro. */
export function isSecurityRepository({ suite, codename, label }: Repository): boolean {
  return suite.endsWith('-security') || codename.endsWith('-security') || label === 'Debian-Security';
}

function row(installed: InstalledPackage, state: PatchState, approval?: Approval): Patch {
  const kbId = `${installed.name}.${installed.architecture}`;
  const version = state === 'Missing' && approval !== undefined ? approval.version.version : installed.version;
  return {
    title: `${kbId}:${version}`,
    kbId,
    classification: approval !== undefined && isSecurity(approval.version) ? 'Security' : '',
    severity: approval === undefined ? '' : capitalised(approval.version.priority),
    state,
    installedAt: state === 'Missing' ? 0 : (installed.installedAt ?? 0),
    level: approval?.level ?? 'UNSPECIFIED',
  };
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
