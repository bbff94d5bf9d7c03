import type { Room } from '../../room.ts';
import { agentOperations } from './agent-operations.ts';
import { handleGroupChange } from './apply-group-change.ts';
import { handleApply } from './apply-in-time.ts';
import { createAssociation, deleteAssociation, describeAssociation, startAssociationsOnce } from './associations.ts';
import { executionKind, handleLook } from './execution-job.ts';
import { listAssociations } from './list-associations.ts';
import { refreshKind, renderRefresh } from './refresh-message.ts';
import { handleRun } from './run-association.ts';
import { taggableAssociation } from './taggable.ts';
import { applyKind, groupKind, runKind } from './timers.ts';

export const room = {
  name: 'state-manager',
  operations: {
    ssm: {
      CreateAssociation: createAssociation,
      DeleteAssociation: deleteAssociation,
      DescribeAssociation: describeAssociation,
      ListAssociations: listAssociations,
      StartAssociationsOnce: startAssociationsOnce,
    },
  },
  agentOperations,
  timers: {
    [executionKind.timerKind]: handleLook,
    [runKind]: handleRun,
    [applyKind]: handleApply,
    [groupKind]: handleGroupChange,
  },
  taggableKinds: [taggableAssociation],
  messages: { [refreshKind]: renderRefresh },
} satisfies Room;
