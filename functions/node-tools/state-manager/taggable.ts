/** Associations as the tags' operations know them. */
import type { TaggableKind } from '../../tags/index.ts';
import { associationKey } from './store.ts';

export const associationResource = 'Association';

export const taggableAssociation: TaggableKind = {
  resourceType: associationResource,
  rowOf: async (associationId) => (/^[0-9a-f-]{36}$/i.test(associationId) ? associationKey(associationId) : undefined),
};
