/** Nodes as a taggable kind: only `mi-…`, because EC2 keeps the tags of its instances. */
import { nodeArn } from '../../core/arns.ts';
import { partitionOf } from '../../core/partition.ts';
import type { TaggableKind } from '../tags/index.ts';
import { managedInstance, nodeKey, nodeShards } from './store.ts';

export const taggableNode: TaggableKind = {
  resourceType: managedInstance,
  index: nodeShards,
  groupTypes: [
    // A managed EC2 instance has both types.
    {
      type: 'AWS::SSM::ManagedInstance',
      arnOf: (id, { account, region }) =>
        `arn:${partitionOf(region).name}:ssm:${region}:${account}:managed-instance/${id}`,
    },
    { type: 'AWS::EC2::Instance', idPrefix: 'i-', arnOf: (id, location) => nodeArn(location, id) },
  ],
  rowOf: async (resourceId) => (/^mi-[0-9a-f]{17}$/.test(resourceId) ? nodeKey(resourceId) : undefined),
};
