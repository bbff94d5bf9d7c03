/** A node's patches as inventory types, for users who query and export inventory. */
import type { Context } from '../../../core/context.ts';
import { reportInventory, type Entry } from '../inventory/index.ts';
import type { Patch } from './patch.ts';
import type { PatchStateItem } from './store.ts';

/** PutInventory's own limit for an item. */
const mostEntries = 10_000;

/** Reports AWS:PatchSummary and AWS:PatchCompliance for a node. */
export async function publishPatchInventory(
  context: Context,
  state: Omit<PatchStateItem, 'chunks'>,
  patches: readonly Patch[],
): Promise<void> {
  const item = { schemaVersion: '1.0', capturedAt: state.endedAt } as const;
  await reportInventory(context, state.nodeId, [
    { ...item, typeName: 'AWS:PatchSummary', entries: [patchSummary(state)] },
    { ...item, typeName: 'AWS:PatchCompliance', entries: mostTelling(patches).map(patchCompliance) },
  ]);
}

/** When a node has more packages than an item can hold, those that no baseline rule matches are left out. */
function mostTelling(patches: readonly Patch[]): readonly Patch[] {
  return patches.length <= mostEntries
    ? patches
    : patches.filter(({ state }) => state !== 'InstalledOther').slice(0, mostEntries);
}

function patchSummary(state: Omit<PatchStateItem, 'chunks'>): Entry {
  const { counts } = state;
  return {
    PatchGroup: state.patchGroup,
    BaselineId: state.baselineId,
    SnapshotId: state.snapshotId,
    OwnerInformation: '',
    InstalledCount: String(counts.byState.Installed),
    InstalledPendingRebootCount: String(counts.byState.InstalledPendingReboot),
    InstalledOtherCount: String(counts.byState.InstalledOther),
    InstalledRejectedCount: String(counts.byState.InstalledRejected),
    NotApplicableCount: String(counts.byState.NotApplicable),
    UnreportedNotApplicableCount: '-1',
    MissingCount: String(counts.byState.Missing),
    FailedCount: String(counts.byState.Failed),
    OperationType: state.operation,
    OperationStartTime: time(state.startedAt),
    OperationEndTime: time(state.endedAt),
    InstallOverrideList: state.installOverrideList,
    RebootOption: state.rebootOption,
    ExecutionId: state.commandId,
    NonCompliantSeverity: counts.severity,
    CriticalNonCompliantCount: String(counts.critical),
    SecurityNonCompliantCount: String(counts.security),
    OtherNonCompliantCount: String(counts.other),
  };
}

function patchCompliance(patch: Patch): Entry {
  return {
    Title: patch.title,
    KBId: patch.kbId,
    Classification: patch.classification,
    Severity: patch.severity,
    State: patch.state,
    InstalledTime: patch.installedAt === 0 ? '' : time(patch.installedAt),
  };
}

/** Whole seconds, as in inventory. */
const time = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
