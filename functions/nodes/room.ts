import type { Room } from '../room.ts';
import { taggableNode } from './taggable.ts';
import { nodeConnectionTimer, watchConnection } from './watch-connection.ts';

export const room = {
  name: 'nodes',
  timers: { [nodeConnectionTimer]: watchConnection },
  taggableKinds: [taggableNode],
} satisfies Room;
