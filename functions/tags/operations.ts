/** What this room gives the registry. */
export { tagOperations, type TaggableKind } from './resources.ts';
