/** Parameters as a taggable kind. */
import type { TaggableKind } from '../../tags/index.ts';
import { idOf, parameterArn, referenceOf } from './names.ts';
import { readParameter } from './read-parameter.ts';
import { nameShards, parameterKey, parameterResource } from './store.ts';

export const taggableParameter: TaggableKind = {
  resourceType: parameterResource,
  index: nameShards,
  groupTypes: [{ type: 'AWS::SSM::Parameter', arnOf: parameterArn }],
  idOf,
  rowOf: async (id, context) => {
    const reference = referenceOf(id, context);
    if (reference === undefined || reference.selector !== undefined || id.startsWith('/arn:')) return undefined;
    return (await readParameter(context, id)) === undefined ? undefined : parameterKey(id);
  },
};
