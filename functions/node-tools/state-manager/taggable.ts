/** Associations as the tags' operations know them. */
import { partitionOf } from '../../../core/partition.ts';
import { oneShard, type TaggableKind, type TagTarget } from '../../tags/index.ts';
import { associationKey } from './store.ts';

const associationResource = 'Association';

export const associationTags = (associationId: string): TagTarget => ({
  resourceType: associationResource,
  resourceId: associationId,
  index: oneShard,
});

export const taggableAssociation: TaggableKind = {
  resourceType: associationResource,
  index: oneShard,
  groupTypes: [
    {
      type: 'AWS::SSM::Association',
      arnOf: (id, { account, region }) => `arn:${partitionOf(region).name}:ssm:${region}:${account}:association/${id}`,
    },
  ],
  rowOf: async (associationId) => (/^[0-9a-f-]{36}$/i.test(associationId) ? associationKey(associationId) : undefined),
};
