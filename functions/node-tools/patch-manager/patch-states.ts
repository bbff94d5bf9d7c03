/** DescribeInstancePatchStates: the result of the last operation for each node. */
import type { InstancePatchState } from '@aws-sdk/client-ssm';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { readPatchStates, type PatchStateItem } from './store.ts';

/** AWS returns 10 to 100 a page. A request names at most 50 ids, so without MaxResults all fit. */
const defaultPage = 50;

/**
 * The states of the named nodes, in the requested order. A node that was never scanned, or does not exist, is left out;
 * it is no error.
 */
export const describeInstancePatchStates: SsmOperation<'DescribeInstancePatchStates'> = async (
  { InstanceIds, NextToken, MaxResults = defaultPage },
  context,
) => {
  const ids = [...new Set(InstanceIds)];
  const start =
    NextToken === undefined
      ? 0
      : (await decodeToken<{ at: number }>(context, NextToken, 'DescribeInstancePatchStates')).at;
  const page = ids.slice(start, start + MaxResults);
  const found = new Map((await readPatchStates(context.state, page)).map((item) => [item.nodeId, item]));
  const end = start + page.length;
  return {
    InstancePatchStates: page.flatMap((id) => {
      const item = found.get(id);
      return item === undefined ? [] : [toApi(item)];
    }),
    ...(end < ids.length ? { NextToken: await encodeToken(context, { at: end }, 'DescribeInstancePatchStates') } : {}),
  };
};

function toApi(item: PatchStateItem): InstancePatchState {
  const { counts } = item;
  return {
    InstanceId: item.nodeId,
    PatchGroup: item.patchGroup,
    BaselineId: item.baselineId,
    ...(item.snapshotId === '' ? {} : { SnapshotId: item.snapshotId }),
    ...(item.installOverrideList === '' ? {} : { InstallOverrideList: item.installOverrideList }),
    OwnerInformation: '',
    InstalledCount: counts.byState.Installed,
    InstalledOtherCount: counts.byState.InstalledOther,
    InstalledPendingRebootCount: counts.byState.InstalledPendingReboot,
    InstalledRejectedCount: counts.byState.InstalledRejected,
    MissingCount: counts.byState.Missing,
    FailedCount: counts.byState.Failed,
    // Scans do not read packages that are not installed, so packages that do not apply are not counted.
    UnreportedNotApplicableCount: -1,
    NotApplicableCount: counts.byState.NotApplicable,
    AvailableSecurityUpdateCount: counts.byState.AvailableSecurityUpdate,
    CriticalNonCompliantCount: counts.critical,
    SecurityNonCompliantCount: counts.security,
    OtherNonCompliantCount: counts.other,
    OperationStartTime: new Date(item.startedAt),
    OperationEndTime: new Date(item.endedAt),
    Operation: item.operation,
    ...(item.rebootOption === 'RebootIfNeeded' || item.rebootOption === 'NoReboot'
      ? { RebootOption: item.rebootOption }
      : {}),
  };
}
