/** Runs that were cut off with their agent: nothing will be heard of them again. */
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { AssociationDoesNotExist } from './errors.ts';
import { recordStatus } from './record-status.ts';
import { isStuck } from './states.ts';
import type { NodeAssociationItem } from './store.ts';

/** @param rows of a node @returns whether one of them was stuck */
export async function endStuckRuns(rows: readonly Row<NodeAssociationItem>[], context: Context): Promise<boolean> {
  const stuck = rows.filter(({ body }) => isStuck(body, context.clock.now()));
  for (const { body } of stuck) await endStuckRun(body, context);
  return stuck.length > 0;
}

async function endStuckRun({ associationId, nodeId }: NodeAssociationItem, context: Context): Promise<void> {
  try {
    await recordStatus(
      {
        AssociationId: associationId,
        InstanceId: nodeId,
        state: 'Failed',
        ExecutionResult: {
          Status: 'Failed',
          ErrorCode: 'StuckAtInProgress',
          ExecutionSummary: 'Nothing has been heard of the run for two hours.',
        },
      },
      context,
    );
  } catch (error) {
    // The association is gone, and so will the row be.
    if (!(error instanceof AssociationDoesNotExist)) throw error;
  }
}
