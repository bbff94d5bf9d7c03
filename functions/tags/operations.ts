/** What this room gives the registry. */
export { tagOperations } from './resources.ts';
export { groupOperations } from './resource-groups/operations.ts';
export type { TaggableKind } from './taggable-kind.ts';
