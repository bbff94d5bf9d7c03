import type { Room } from '../../room.ts';
import { agentOperations } from './agent-operations.ts';
import { createAssociation, deleteAssociation, describeAssociation, startAssociationsOnce } from './associations.ts';
import { listAssociations } from './list-associations.ts';
import { handleProgress } from './progress-execution.ts';
import { refreshKind, renderRefresh } from './refresh-message.ts';
import { handleRun } from './run-association.ts';
import { taggableAssociation } from './taggable.ts';
import { progressKind, runKind } from './timers.ts';

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
  timers: { [progressKind]: handleProgress, [runKind]: handleRun },
  taggableKinds: [taggableAssociation],
  messages: { [refreshKind]: renderRefresh },
} satisfies Room;
