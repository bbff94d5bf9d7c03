/** GetConnectionStatus: whether a session could be started with a node now. */
import type { SsmOperation } from '../../../core/operations.ts';
import { isConnected } from '../../nodes/index.ts';

/** An unknown target is not an error at AWS: it is not connected. */
export const getConnectionStatus: SsmOperation<'GetConnectionStatus'> = async ({ Target: target }, context) => ({
  Target: target,
  Status: (await isConnected(context, target)) ? 'connected' : 'notconnected',
});
