/** Nodes as the tags' operations know them: `mi-…` only, an EC2 instance's tags are EC2's. */
import type { TaggableKind } from '../tags/index.ts';
import { managedInstance, nodeKey, nodeShards } from './store.ts';

export const taggableNode: TaggableKind = {
  resourceType: managedInstance,
  index: nodeShards,
  rowOf: async (resourceId) => (/^mi-[0-9a-f]{17}$/.test(resourceId) ? nodeKey(resourceId) : undefined),
};
