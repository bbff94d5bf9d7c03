import type { Room } from '../room.ts';
import { groupOperations } from './resource-groups/operations.ts';
import { tagOperations } from './resources.ts';
import type { TaggableKind } from './taggable-kind.ts';

/** @param kinds the taggable kinds of all rooms */
export function roomOver(kinds: readonly TaggableKind[]) {
  return {
    name: 'tags',
    operations: { ssm: tagOperations(kinds), 'resource-groups': groupOperations(kinds) },
  } satisfies Room;
}
