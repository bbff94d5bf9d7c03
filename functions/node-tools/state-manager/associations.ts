/** CreateAssociation, DescribeAssociation, DeleteAssociation, StartAssociationsOnce. */
import { isAdmin } from '../../../core/admin-work.ts';
import type { RequestContext } from '../../../core/context.ts';
import { TooManyUpdates } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { removeTags, toTags, writeTags } from '../../tags/index.ts';
import { checkAssociation } from './check-association.ts';
import { describe } from './describe-association.ts';
import {
  AssociationAlreadyExists,
  AssociationDoesNotExist,
  AssociationLimitExceeded,
  InvalidAssociationVersion,
} from './errors.ts';
import { associationChanged } from './events.ts';
import { beginInBackground } from './execution-job.ts';
import { assertMayRead } from './read-access.ts';
import { closeExecution, inventoryEntry, newExecution, runNow } from './run-association.ts';
import {
  associationKey,
  inventoryKey,
  legacyKey,
  listKey,
  listPartition,
  readAssociation,
  type AssociationItem,
} from './store.ts';
import { associationTags } from './taggable.ts';
import { deleteTargetEntries, writeTargetEntries } from './target-entries.ts';
import { cancelRunTimer, runTimer } from './timers.ts';

/** AWS's quota of associations in an account. */
const mostAssociations = 2000;
const firstRun = 1;

/** It runs at once, and then by its schedule. */
export const createAssociation: SsmOperation<'CreateAssociation'> = async (input, context) => {
  const { targets, interval } = await checkAssociation(input, context);
  const tags = toTags(input.Tags);
  if (context.settings.awsQuotas) await checkQuota(context);
  const association = newAssociation(input, targets, interval, context);
  const { associationId, executionId, instanceId, documentName, nextDue } = association;
  // Before the association: so none is there that a node cannot find. What leads nowhere costs nobody anything.
  await writeTargetEntries(association, context.state);
  const writes: Write[] = [
    {
      put: associationKey(associationId),
      body: association,
      when: { row: 'absent' },
      events: [associationChanged(association, context)],
    },
    { put: listKey(associationId), body: {} },
    ...inventoryEntry(association),
    ...newExecution(association, { executionId, run: firstRun }, context),
    ...writeTags(associationTags(associationId), tags),
  ];
  if (nextDue !== undefined) writes.push(runTimer(associationId, nextDue));
  if (instanceId !== undefined)
    writes.push({ put: legacyKey(instanceId, documentName), body: { associationId }, when: { row: 'absent' } });
  await conflictAs(context.state.transact(writes), () =>
    instanceId !== undefined
      ? new AssociationAlreadyExists(`The document ${documentName} is associated with ${instanceId} already.`)
      : undefined,
  );
  beginInBackground(association, context);
  return {
    AssociationDescription: { ...describe(association), Overview: { Status: 'Pending', DetailedStatus: 'Creating' } },
  };
};

export const describeAssociation: SsmOperation<'DescribeAssociation'> = async (input, context) => {
  const row = await findIfAny(input, context);
  await assertMayRead(row, 'DescribeAssociation', context);
  if (row === undefined) throw noSuchAssociation();
  const { body } = row;
  const { AssociationVersion: version } = input;
  if (version !== undefined && version !== '$LATEST' && version !== String(body.associationVersion))
    throw new InvalidAssociationVersion(`The association has no version ${version}.`);
  return { AssociationDescription: describe(body) };
};

/** What it has done on the nodes stays done. A node drops its row of it when it asks next. */
export const deleteAssociation: SsmOperation<'DeleteAssociation'> = async (input, context) => {
  const deleted = await conflictAs(
    retryOnConflict(async () => {
      const row = await find(input, context);
      const { associationId, documentName, instanceId, nextDue } = row.body;
      await context.state.transact([
        { delete: associationKey(associationId), when: { version: row.version } },
        { delete: listKey(associationId) },
        { delete: inventoryKey(associationId) },
        ...(await closeExecution(row.body, context)),
        ...(await removeTags(context, associationTags(associationId))),
        ...(instanceId === undefined ? [] : [{ delete: legacyKey(instanceId, documentName) }]),
        ...(nextDue === undefined ? [] : [cancelRunTimer(associationId, nextDue)]),
      ]);
      return row.body;
    }, context),
    () => new TooManyUpdates('The association is being changed by others. Try again.'),
  );
  await deleteTargetEntries(deleted, context.state);
  return {};
};

/** All of them are there, or none is run. */
export const startAssociationsOnce: SsmOperation<'StartAssociationsOnce'> = async (
  { AssociationIds: ids },
  context,
) => {
  const wanted = [...new Set(ids)];
  const known = await context.state.getMany(wanted.map(associationKey));
  if (known.length < wanted.length) throw noSuchAssociation();
  for (const id of wanted) await runNow(id, context);
  return {};
};

function newAssociation(
  input: SsmInput<'CreateAssociation'>,
  targets: AssociationItem['targets'],
  interval: number | undefined,
  context: RequestContext,
): AssociationItem {
  const now = context.clock.now();
  return {
    associationId: context.ids.uuid(),
    associationName: input.AssociationName,
    associationVersion: 1,
    documentName: input.Name,
    documentVersion: input.DocumentVersion,
    parameters: input.Parameters,
    targets,
    byAdmin: isAdmin(context.caller),
    instanceId: input.InstanceId,
    scheduleExpression: input.ScheduleExpression || undefined,
    outputLocation: input.OutputLocation,
    maxConcurrency: input.MaxConcurrency,
    maxErrors: input.MaxErrors,
    complianceSeverity: input.ComplianceSeverity,
    syncCompliance: input.SyncCompliance,
    createdAt: now,
    updatedAt: now,
    nextDue: interval === undefined ? undefined : now + interval,
    lastExecutionAt: now,
    executionId: context.ids.uuid(),
    run: firstRun,
    hasTargetEntries: true,
    status: 'Pending',
    detailedStatus: 'Pending',
    counts: {},
  };
}

/** How an operation names an association: by its id; or, of the old form, by document and node. */
interface NamedAssociation {
  readonly AssociationId?: string | undefined;
  readonly Name?: string | undefined;
  readonly InstanceId?: string | undefined;
}

async function findIfAny(
  { AssociationId: id, Name: name, InstanceId: nodeId }: NamedAssociation,
  context: RequestContext,
): Promise<Row<AssociationItem> | undefined> {
  const named =
    id === undefined && name !== undefined && nodeId !== undefined
      ? await context.state.get<{ associationId: string }>(legacyKey(nodeId, name))
      : undefined;
  const associationId = id ?? named?.body.associationId;
  return associationId === undefined ? undefined : readAssociation(context.state, associationId);
}

/** @throws AssociationDoesNotExist */
async function find(named: NamedAssociation, context: RequestContext): Promise<Row<AssociationItem>> {
  const row = await findIfAny(named, context);
  if (row === undefined) throw noSuchAssociation();
  return row;
}

function noSuchAssociation(): AssociationDoesNotExist {
  return new AssociationDoesNotExist('The specified association does not exist.');
}

async function checkQuota(context: RequestContext): Promise<void> {
  let count = 0;
  let after: string | undefined;
  do {
    const page = await context.state.query({ pk: listPartition, limit: mostAssociations, after });
    count += page.rows.length;
    after = page.next;
  } while (after !== undefined && count < mostAssociations);
  if (count >= mostAssociations)
    throw new AssociationLimitExceeded(`You can have at most ${mostAssociations} associations.`);
}
