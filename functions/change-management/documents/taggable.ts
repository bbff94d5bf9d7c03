/** Documents as a taggable kind: only this account's own. */
import { documentArn } from '../../../core/arns.ts';
import { oneShard, type TaggableKind } from '../../tags/index.ts';
import { documentKey, documentResource } from './store.ts';

export const taggableDocument: TaggableKind = {
  resourceType: documentResource,
  index: oneShard,
  groupTypes: [
    { type: 'AWS::SSM::Document', arnOf: (name, location) => documentArn(location, name, location.account) },
  ],
  rowOf: async (name, context) =>
    name.startsWith('arn:') || context.ownedDocuments.some((owned) => owned.name === name)
      ? undefined
      : documentKey(name),
};
