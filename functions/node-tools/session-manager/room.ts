import type { Room } from '../../room.ts';
import { getConnectionStatus } from './connection-status.ts';

export const room = {
  name: 'session-manager',
  operations: { ssm: { GetConnectionStatus: getConnectionStatus } },
} satisfies Room;
