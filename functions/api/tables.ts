/** What the API serves: the registry's tables, and a few operations of its own. */
import * as registry from '../registry.ts';
import type { ApiTables } from './api.ts';
import { GetCallerIdentity } from './caller-identity.ts';
import { eventExtensions } from './events.ts';
import { keyExtensions } from './keys.ts';

export const tables: ApiTables = {
  operations: {
    ...registry.operations,
    ssm: { ...registry.operations.ssm, ...registry.agentOperations },
    sts: { GetCallerIdentity },
  },
  extensions: { ...eventExtensions, ...keyExtensions, ...registry.extensions },
};
