/**
 * Runs when an invocation of AWS-RunPatchBaseline has succeeded: reads the node's upload, compares it with the node's
 * baseline, and stores the result.
 *
 * The event may come twice, late or in any order. A node's state is replaced only by a newer operation, and what is
 * written before (reports, inventory) is the same each time. A failed scan replaces nothing.
 */
import type { Context } from '../../../core/context.ts';
import type { EventHandler } from '../../../core/events.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import { getNode, registeredIds, whileRegistered, type Node } from '../../nodes/index.ts';
import { collectedScan, type CollectedScan } from './collected-scan.ts';
import { countPatches } from './counts.ts';
import { effectiveBaseline, patchGroupOf } from './effective-baseline.ts';
import { patchComplianceChanged } from './events.ts';
import { judgeAptPackages } from './judge-apt.ts';
import { productOf } from './operating-system.ts';
import type { Patch } from './patch.ts';
import { publishPatchInventory } from './patch-inventory.ts';
import { csvReport, jsonReport, reportKeys } from './reports.ts';
import { readPatchState, replacePatchState, type PatchStateItem } from './store.ts';

interface InvocationStatusChange {
  readonly 'command-id': string;
  readonly 'document-name': string;
  readonly 'instance-id': string;
  readonly 'requested-date-time': string;
  readonly status: string;
}

type State = Omit<PatchStateItem, 'chunks'>;

/** @throws UnreadableScan: the event is delivered again, and finally becomes a dead letter */
export const handler: EventHandler<InvocationStatusChange> = async ({ detail }, context) => {
  const commandId = detail['command-id'];
  const nodeId = detail['instance-id'];
  const requestedAt = Date.parse(detail['requested-date-time']);
  if (detail['document-name'] !== 'AWS-RunPatchBaseline' || detail.status !== 'Success') return;
  const log = context.log.with({ commandId, nodeId });
  if (isOutdated(await readPatchState(context.state, nodeId), { requestedAt, commandId })) return;
  const node = await getNode(context, nodeId);
  if (node === undefined) return log.info('a patch scan of a node that is gone');

  const collected = await collectedScan(context, commandId, nodeId);
  const judged = await judge(context, node, collected.scan, { commandId, requestedAt });
  if (judged === undefined)
    return log.warn('no patch baseline covers the operating system', {
      distribution: collected.scan.distribution.name,
    });
  await writeReports(context, node, judged, collected.url);
  await publishPatchInventory(context, judged.state, judged.patches);
  await record(context, judged);
  log.info('patch scan recorded', { missing: judged.state.counts.byState.Missing, packages: judged.state.packages });
};

/** A node's operations are ordered by the time of the request: the node's own clock may jump. */
function isOutdated(
  row: Row<PatchStateItem> | undefined,
  { requestedAt, commandId }: Pick<PatchStateItem, 'requestedAt' | 'commandId'>,
): boolean {
  if (row === undefined) return false;
  return (
    row.body.requestedAt > requestedAt || (row.body.requestedAt === requestedAt && row.body.commandId >= commandId)
  );
}

interface Judged {
  readonly state: State;
  readonly patches: readonly Patch[];
}

async function judge(
  context: Context,
  node: Node,
  scan: CollectedScan['scan'],
  command: Pick<State, 'commandId' | 'requestedAt'>,
): Promise<Judged | undefined> {
  const product = productOf(scan.distribution);
  const effective = product === undefined ? undefined : await effectiveBaseline(context, product.operatingSystem);
  if (product === undefined || effective === undefined) return undefined;
  const patches = judgeAptPackages(scan.packages, effective.baseline, product.name);
  const state: State = {
    nodeId: node.id,
    ...command,
    operation: scan.operation,
    startedAt: scan.startedAt,
    endedAt: scan.endedAt,
    operatingSystem: product.operatingSystem,
    product: product.name,
    baselineId: effective.baselineId,
    baselineName: effective.baseline.name,
    patchGroup: patchGroupOf(node.tags),
    snapshotId: scan.snapshotId,
    installOverrideList: scan.installOverrideList,
    rebootOption: scan.rebootOption,
    packages: scan.packages.length,
    counts: countPatches(patches),
    reports: { bucket: context.serviceBucket, ...reportKeys(node.id, command.commandId) },
  };
  return { state, patches };
}

async function writeReports(context: Context, node: Node, { state, patches }: Judged, logsUrl: string): Promise<void> {
  const { bucket, csvKey, jsonKey } = state.reports;
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  await context.files.put(bucket, csvKey, bytes(csvReport(node, state, patches, logsUrl)), {
    contentType: 'text/csv; charset=utf-8',
  });
  await context.files.put(bucket, jsonKey, bytes(jsonReport(node, state, patches, logsUrl)), {
    contentType: 'application/json',
  });
}

async function record(context: Context, { state, patches }: Judged): Promise<void> {
  await retryOnConflict(async () => {
    const before = await readPatchState(context.state, state.nodeId);
    if (isOutdated(before, state) || (await registeredIds(context, [state.nodeId])).length === 0) return;
    const writes = replacePatchState(state, patches, before, patchComplianceChanged(before?.body, state, context));
    await context.state.transact([whileRegistered(state.nodeId), ...writes]);
  }, context);
}
