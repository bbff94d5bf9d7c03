import type { Room } from '../room.ts';
import { extensions } from './dead-letters.ts';

export const room = { name: 'clock', extensions } satisfies Room;
