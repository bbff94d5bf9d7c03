import type { Room } from '../../room.ts';
import { activationOperations } from './activations.ts';
import { managedInstanceOperations, reportOperations } from './managed-instances.ts';
import { nodeKeyOperations } from './node-key.ts';
import { registrationOperations } from './registration.ts';

export const room = {
  name: 'hybrid-activations',
  operations: { ssm: { ...activationOperations, ...managedInstanceOperations } },
  agentOperations: { ...registrationOperations, ...nodeKeyOperations, ...reportOperations },
} satisfies Room;
