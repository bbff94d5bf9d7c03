/** The first look at a node: what is installed on it, and which patches it lacks. */
import type { Context } from '../../core/context.ts';
import { countEntries } from '../../functions/node-tools/inventory/index.ts';
import {
  nodePatchState,
  repositoriesUnreachable,
  unreachedRepositories,
  type NodePatchState,
} from '../../functions/node-tools/patch-manager/index.ts';
import { madeByAdmin } from '../../functions/node-tools/state-manager/index.ts';
import { callAsService } from './call-as-service.ts';

export interface Inventory {
  readonly packages: number;
}

export type Scan =
  | { readonly kind: 'scanned'; readonly state: NodePatchState }
  /** The repositories, where the scan names them. */
  | { readonly kind: 'unreachable'; readonly repositories: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

const inventoryDocument = 'AWS-GatherSoftwareInventory';
const patience = { inventory: 120_000, scan: 600_000, record: 30_000 };
const pause = 150;

/**
 * Collects inventory with an association, as on AWS; later starts run it again.
 * @throws Error when no inventory has come within two minutes
 */
export async function collectInventory(context: Context, nodeId: string): Promise<Inventory> {
  const call = callAsService(context);
  const asked = context.clock.now();
  const known = (
    await call('ListAssociations', { AssociationFilterList: [{ key: 'Name', value: inventoryDocument }] })
  ).Associations?.map(({ AssociationId }) => AssociationId!);
  // This machine runs only an admin's associations. If somebody else has made one for all nodes, ours is for this node
  // alone.
  const [existing] = await madeByAdmin(context, known ?? []);
  if (existing === undefined)
    await call('CreateAssociation', {
      Name: inventoryDocument,
      AssociationName: 'Inventory',
      Targets: [{ Key: 'InstanceIds', Values: [known === undefined || known.length === 0 ? '*' : nodeId] }],
      ScheduleExpression: 'rate(12 hours)',
    });
  else await call('StartAssociationsOnce', { AssociationIds: [existing] });
  await until(patience.inventory, 'the inventory', async () => {
    const { CaptureTime } = await call('ListInventoryEntries', {
      InstanceId: nodeId,
      TypeName: 'AWS:Application',
      MaxResults: 1,
    });
    // Capture times have whole seconds.
    return CaptureTime !== undefined && Date.parse(CaptureTime) >= Math.floor(asked / 1000) * 1000 ? true : undefined;
  });
  return { packages: (await countEntries(context, nodeId, 'AWS:Application')) ?? 0 };
}

/** Scans for missing patches. */
export async function scanPatches(context: Context, nodeId: string): Promise<Scan> {
  const call = callAsService(context);
  const { Command } = await call('SendCommand', {
    DocumentName: 'AWS-RunPatchBaseline',
    InstanceIds: [nodeId],
    Parameters: { Operation: ['Scan'] },
    Comment: 'First look at this machine',
  });
  const CommandId = Command!.CommandId!;
  const end = await until(patience.scan, 'the patch scan', async () => {
    const invocation = await call('GetCommandInvocation', { CommandId, InstanceId: nodeId });
    return ['Pending', 'InProgress', 'Delayed'].includes(invocation.Status ?? '') ? undefined : invocation;
  });
  if (end.ResponseCode === repositoriesUnreachable)
    return { kind: 'unreachable', repositories: unreachedRepositories(end.StandardErrorContent ?? '') };
  if (end.Status !== 'Success')
    return { kind: 'failed', reason: end.StandardErrorContent?.trim() || end.StatusDetails || 'the scan failed' };
  const state = await until(patience.record, 'the result of the patch scan', async () => {
    const state = await nodePatchState(context, nodeId);
    return state?.commandId === CommandId ? state : undefined;
  });
  return { kind: 'scanned', state };
}

async function until<T>(milliseconds: number, what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what} has not come within ${milliseconds / 1000} seconds`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
