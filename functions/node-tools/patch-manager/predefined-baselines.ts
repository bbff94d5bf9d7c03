/** The predefined baselines, one or more for each operating system (patch-manager.md §4.7). */
import type { OperatingSystem, PatchFilterKey } from '@aws-sdk/client-ssm';
import { partitionOf } from '../../../core/partition.ts';
import type { PatchBaseline, PatchFilter, PatchRule } from './baseline.ts';

/** The account in their ARNs. It is nobody's, because AWS's account would say that AWS made them. */
export const predefinedOwner = '000000000000';

type Filters = Partial<Record<PatchFilterKey, readonly string[]>>;

const rule = (filters: Filters, approveAfterDays?: number): PatchRule => ({
  filters: Object.entries(filters).map(([key, values]): PatchFilter => ({ key: key as PatchFilterKey, values })),
  complianceLevel: 'UNSPECIFIED',
  ...(approveAfterDays === undefined ? {} : { approveAfterDays }),
  enableNonSecurity: false,
});

/** Ids are fixed, because references must stay valid after an upgrade. */
const baseline = (
  id: string,
  name: string,
  operatingSystem: OperatingSystem,
  description: string,
  rules: readonly PatchRule[],
): PatchBaseline => ({
  id: `pb-${id}`,
  name,
  description,
  operatingSystem,
  globalFilters: [],
  rules,
  approvedPatches: [],
  approvedPatchesComplianceLevel: 'UNSPECIFIED',
  approvedPatchesEnableNonSecurity: false,
  rejectedPatches: [],
  rejectedPatchesAction: 'ALLOW_AS_DEPENDENCY',
});

const afterAWeek = 7;
const security = (severities: readonly string[]): PatchRule =>
  rule({ PRODUCT: ['*'], CLASSIFICATION: ['Security'], SEVERITY: severities }, afterAWeek);
const bugfix = rule({ PRODUCT: ['*'], CLASSIFICATION: ['Bugfix'], SEVERITY: ['*'] }, afterAWeek);
const everyPriority = rule({ PRODUCT: ['*'], PRIORITY: ['Required', 'Important', 'Standard', 'Optional', 'Extra'] });
const windowsUpdates = rule(
  {
    PATCH_SET: ['OS'],
    PRODUCT: ['*'],
    CLASSIFICATION: ['CriticalUpdates', 'SecurityUpdates'],
    MSRC_SEVERITY: ['Critical', 'Important'],
  },
  afterAWeek,
);
const windowsApplications = rule({ PATCH_SET: ['APPLICATION'], PRODUCT: ['*'] }, afterAWeek);

const criticalAndBugs =
  'Security updates of severity Critical or Important, and all bug fixes, seven days after their release.';
const securityRepositories = 'Everything that the security repositories offer, at once.';
const windowsText =
  'Critical and security updates of MSRC severity Critical or Important, seven days after their release.';

export const predefinedBaselines: readonly PatchBaseline[] = [
  baseline('07c4ca19a2fe9b8d1', 'AWS-AmazonLinuxDefaultPatchBaseline', 'AMAZON_LINUX', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline('0be1d2f3a45c96f07', 'AWS-AmazonLinux2DefaultPatchBaseline', 'AMAZON_LINUX_2', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline('0c61b8e9f0a2d7343', 'AWS-AmazonLinux2022DefaultPatchBaseline', 'AMAZON_LINUX_2022', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline('0d95f6a1c3b8e2074', 'AWS-AmazonLinux2023DefaultPatchBaseline', 'AMAZON_LINUX_2023', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline(
    '03a7e5d9b1f46c825',
    'AWS-CentOSDefaultPatchBaseline',
    'CENTOS',
    'All updates, seven days after their release.',
    [{ ...rule({ PRODUCT: ['*'], CLASSIFICATION: ['*'], SEVERITY: ['*'] }, afterAWeek), enableNonSecurity: true }],
  ),
  baseline('0f2b84c6e7d1a9036', 'AWS-DebianDefaultPatchBaseline', 'DEBIAN', securityRepositories, [everyPriority]),
  baseline('05d8a3f7c9e20b617', 'AWS-UbuntuDefaultPatchBaseline', 'UBUNTU', securityRepositories, [everyPriority]),
  baseline('091c6e4b8f5d3a728', 'AWS-DefaultRaspbianPatchBaseline', 'RASPBIAN', securityRepositories, [everyPriority]),
  baseline('06f9d2b7a8c1e4539', 'AWS-MacOSDefaultPatchBaseline', 'MACOS', 'Security updates.', [
    rule({ PRODUCT: ['*'], CLASSIFICATION: ['Security'] }),
  ]),
  baseline(
    '0a48e1c5d6b3f927a',
    'AWS-OracleLinuxDefaultPatchBaseline',
    'ORACLE_LINUX',
    'Security updates of severity Important or Moderate, and all bug fixes, seven days after their release.',
    [security(['Important', 'Moderate']), bugfix],
  ),
  baseline('0b37f0d4c8e5a619b', 'AWS-RedHatDefaultPatchBaseline', 'REDHAT_ENTERPRISE_LINUX', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline('0e26a9c3b7f4d810c', 'AWS-RockyLinuxDefaultPatchBaseline', 'ROCKY_LINUX', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline('0815b8f2a6d3c9e0d', 'AWS-AlmaLinuxDefaultPatchBaseline', 'ALMA_LINUX', criticalAndBugs, [
    security(['Critical', 'Important']),
    bugfix,
  ]),
  baseline(
    '0704c7e1f5a2b8d9e',
    'AWS-SuseDefaultPatchBaseline',
    'SUSE',
    'Security updates of severity Critical or Important, seven days after their release.',
    [security(['Critical', 'Important'])],
  ),
  baseline('02f3d6b0e4c1a7f8f', 'AWS-DefaultPatchBaseline', 'WINDOWS', windowsText, [windowsUpdates]),
  baseline('04e2c5a9d3b0f6e71', 'AWS-WindowsPredefinedPatchBaseline-OS', 'WINDOWS', windowsText, [windowsUpdates]),
  baseline(
    '01d1b4f8c2a9e5d62',
    'AWS-WindowsPredefinedPatchBaseline-OS-Applications',
    'WINDOWS',
    `${windowsText} All patches of Microsoft's applications likewise.`,
    [windowsUpdates, windowsApplications],
  ),
];

/** Each operating system's default until another one is registered: the first of its baselines. */
export function predefinedDefault(operatingSystem: OperatingSystem): PatchBaseline | undefined {
  return predefinedBaselines.find((candidate) => candidate.operatingSystem === operatingSystem);
}

/** A predefined baseline's id in the API: its whole ARN. */
export function predefinedArn(region: string, baselineId: string): string {
  return `arn:${partitionOf(region).name}:ssm:${region}:${predefinedOwner}:patchbaseline/${baselineId}`;
}
