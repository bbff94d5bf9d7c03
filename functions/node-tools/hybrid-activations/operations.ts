/** What this room gives the registry. */
import type { AgentOperations } from '../../../core/agent-operations.ts';
import type { SsmOperations } from '../../../core/operations.ts';
import { activationOperations } from './activations.ts';
import { managedInstanceOperations, reportOperations } from './managed-instances.ts';
import { nodeKeyOperations } from './node-key.ts';
import { registrationOperations } from './registration.ts';

export const operations = { ...activationOperations, ...managedInstanceOperations } satisfies SsmOperations;

export const agentOperations = {
  ...registrationOperations,
  ...nodeKeyOperations,
  ...reportOperations,
} satisfies AgentOperations;
