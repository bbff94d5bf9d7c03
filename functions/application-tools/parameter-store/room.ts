import type { Room } from '../../room.ts';
import { deleteParameter, deleteParameters } from './delete-parameters.ts';
import { describeParameters } from './describe-parameters.ts';
import { handlePolicy } from './enforce-policy.ts';
import { getParameter, getParameters } from './get-parameters.ts';
import { getParametersByPath } from './get-parameters-by-path.ts';
import { extensions as grants } from './grant-extensions.ts';
import { extensions as imports } from './imported-public.ts';
import { labelParameterVersion, unlabelParameterVersion } from './label-versions.ts';
import { getParameterHistory } from './parameter-history.ts';
import { policyKind } from './policy-timers.ts';
import { handlePurge, purgeKind } from './purge-versions.ts';
import { putParameter } from './put-parameter.ts';
import { deleteResourcePolicy, getResourcePolicies, putResourcePolicy } from './resource-policies.ts';
import { taggableParameter } from './taggable.ts';

export const room = {
  name: 'parameter-store',
  operations: {
    ssm: {
      DeleteParameter: deleteParameter,
      DeleteParameters: deleteParameters,
      DeleteResourcePolicy: deleteResourcePolicy,
      DescribeParameters: describeParameters,
      GetParameter: getParameter,
      GetParameterHistory: getParameterHistory,
      GetParameters: getParameters,
      GetParametersByPath: getParametersByPath,
      GetResourcePolicies: getResourcePolicies,
      LabelParameterVersion: labelParameterVersion,
      PutParameter: putParameter,
      PutResourcePolicy: putResourcePolicy,
      UnlabelParameterVersion: unlabelParameterVersion,
    },
  },
  extensions: { ...grants, ...imports },
  timers: { [policyKind]: handlePolicy, [purgeKind]: handlePurge },
  taggableKinds: [taggableParameter],
} satisfies Room;
