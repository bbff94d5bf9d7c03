/** GetConnectionStatus: whether a session with a node could be started now. */
import type { SsmOperation } from '../../../core/operations.ts';
import { isConnected } from '../../nodes/index.ts';

/** As in AWS, an unknown target is no error: it is not connected. */
export const getConnectionStatus: SsmOperation<'GetConnectionStatus'> = async ({ Target: target }, context) => ({
  Target: target,
  Status: (await isConnected(context, target)) ? 'connected' : 'notconnected',
});
