/** The reports of one patch operation, for people and for programs (formats.md §4). */
import type { Node } from '../../nodes/index.ts';
import { csv } from './csv.ts';
import { isNonCompliant, type Patch } from './patch.ts';
import type { PatchStateItem } from './store.ts';

type Reported = Omit<PatchStateItem, 'chunks' | 'reports'>;

const summaryColumns = [
  'Index',
  'Instance ID',
  'Instance name',
  'Instance IP',
  'Platform name',
  'Platform version',
  'SSM Agent version',
  'Patch baseline',
  'Patch group',
  'Compliance status',
  'Compliance severity',
  'Noncompliant Critical severity patch count',
  'Noncompliant High severity patch count',
  'Noncompliant Medium severity patch count',
  'Noncompliant Low severity patch count',
  'Noncompliant Informational severity patch count',
  'Noncompliant Unspecified severity patch count',
] as const;

const detailColumns = [
  'Index',
  'Instance ID',
  'Instance name',
  'Patch name',
  'KB ID/Patch ID',
  'Patch state',
  'Last report time',
  'Compliance level',
  'Patch severity',
  'Patch classification',
  'CVE ID',
  'Patch baseline',
  'Logs URL',
  'Instance IP',
  'Platform name',
  'Platform version',
  'SSM Agent version',
] as const;

/** The keys of an operation's reports: they are written once and never change. */
export function reportKeys(nodeId: string, commandId: string): { readonly csvKey: string; readonly jsonKey: string } {
  const stem = `reports/patch/${nodeId}/${commandId}`;
  return { csvKey: `${stem}.csv`, jsonKey: `${stem}.json` };
}

/**
 * The single-node report of AWS-ExportPatchReportToS3: the summary, an empty line, the details.
 * @param logsUrl where the operation's complete output is stored: `s3://bucket/key`
 */
export function csvReport(node: Node, state: Reported, patches: readonly Patch[], logsUrl: string): string {
  const { counts } = state;
  const summary = [
    1,
    node.id,
    nameOf(node),
    node.ipAddress ?? '',
    node.platformName ?? '',
    node.platformVersion ?? '',
    node.agentVersion ?? '',
    state.baselineId,
    state.patchGroup,
    counts.compliant ? 'COMPLIANT' : 'NON_COMPLIANT',
    counts.severity,
    counts.nonCompliantByLevel.CRITICAL,
    counts.nonCompliantByLevel.HIGH,
    counts.nonCompliantByLevel.MEDIUM,
    counts.nonCompliantByLevel.LOW,
    counts.nonCompliantByLevel.INFORMATIONAL,
    counts.nonCompliantByLevel.UNSPECIFIED,
  ];
  const details = patches.map((patch, index) => [
    index + 1,
    node.id,
    nameOf(node),
    patch.title,
    patch.kbId,
    patch.state,
    new Date(state.endedAt).toISOString(),
    patch.level,
    patch.severity,
    patch.classification,
    '',
    state.baselineId,
    logsUrl,
    node.ipAddress ?? '',
    node.platformName ?? '',
    node.platformVersion ?? '',
    node.agentVersion ?? '',
  ]);
  return `${csv([summaryColumns, summary])}\r\n${csv([detailColumns, ...details])}`;
}

/** The same report for programs. Times are ISO 8601. */
export function jsonReport(node: Node, state: Reported, patches: readonly Patch[], logsUrl: string): string {
  const time = (milliseconds: number): string => new Date(milliseconds).toISOString();
  return JSON.stringify(
    {
      formatVersion: 1,
      node: {
        id: node.id,
        name: nameOf(node),
        ipAddress: node.ipAddress,
        platformName: node.platformName,
        platformVersion: node.platformVersion,
        agentVersion: node.agentVersion,
      },
      operation: {
        name: state.operation,
        commandId: state.commandId,
        requestedAt: time(state.requestedAt),
        startedAt: time(state.startedAt),
        endedAt: time(state.endedAt),
        logsUrl,
      },
      baseline: {
        id: state.baselineId,
        name: state.baselineName,
        operatingSystem: state.operatingSystem,
        product: state.product,
        patchGroup: state.patchGroup,
      },
      summary: {
        packages: state.packages,
        complianceStatus: state.counts.compliant ? 'COMPLIANT' : 'NON_COMPLIANT',
        complianceSeverity: state.counts.severity,
        byState: state.counts.byState,
        missingBySeverity: state.counts.missingBySeverity,
        nonCompliantByLevel: state.counts.nonCompliantByLevel,
      },
      patches: patches.map(({ installedAt, level, ...patch }) => ({
        ...patch,
        complianceLevel: level,
        compliant: !isNonCompliant(patch.state),
        ...(installedAt === 0 ? {} : { installedAt: time(installedAt) }),
      })),
    },
    undefined,
    1,
  );
}

/** The node's Name tag or activation name, else the name that it reports. */
function nameOf(node: Node): string {
  return node.tags['Name'] ?? node.name ?? node.computerName ?? '';
}
