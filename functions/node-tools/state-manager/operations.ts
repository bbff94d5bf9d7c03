/** What State Manager registers. */
import type { SsmOperations } from '../../../core/operations.ts';
import type { TimerHandler } from '../../../core/timers.ts';
import { createAssociation, deleteAssociation, describeAssociation, startAssociationsOnce } from './associations.ts';
import { listAssociations } from './list-associations.ts';
import { handleProgress } from './progress-execution.ts';
import { handleRun } from './run-association.ts';
import { progressKind, runKind } from './timers.ts';

export { agentOperations } from './agent-operations.ts';

export const operations = {
  CreateAssociation: createAssociation,
  DeleteAssociation: deleteAssociation,
  DescribeAssociation: describeAssociation,
  ListAssociations: listAssociations,
  StartAssociationsOnce: startAssociationsOnce,
} satisfies SsmOperations;

export const timers: Readonly<Record<string, TimerHandler<never>>> = {
  [progressKind]: handleProgress,
  [runKind]: handleRun,
};
