/** Documents as the tags' operations know them: this account's own only. */
import type { TaggableKind } from '../../tags/index.ts';
import { documentKey, documentResource } from './store.ts';

export const taggableDocument: TaggableKind = {
  resourceType: documentResource,
  rowOf: async (name, context) => (name.startsWith('arn:') || context.ownedDocuments.some((owned) => owned.name === name) ? undefined : documentKey(name)),
};
