/** What this room gives the registry. */
import type { SsmOperations } from '../../../core/operations.ts';
import { getConnectionStatus } from './connection-status.ts';

export const operations = { GetConnectionStatus: getConnectionStatus } satisfies SsmOperations;
