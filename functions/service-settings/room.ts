import type { Room } from '../room.ts';
import { operations } from './service-settings.ts';

export const room = { name: 'service-settings', operations: { ssm: operations } } satisfies Room;
