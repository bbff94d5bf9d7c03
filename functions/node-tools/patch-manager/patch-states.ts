/** DescribeInstancePatchStates: what the last operation found, node by node. */
import type { InstancePatchState } from '@aws-sdk/client-ssm';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { readPatchStates, type PatchStateItem } from './store.ts';

/** AWS returns 10 to 100 a page; without MaxResults all of the 50 ids that may be named. */
const defaultPage = 50;

/**
 * The states of the named nodes in the order asked for. A node that was never scanned, or is not known, has no
 * row and is no error.
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
    // Packages that are not installed are not read from the node: what does not apply is not counted.
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
