/**
 * RegisterDefaultHostManagementConfiguration, DeregisterDefaultHostManagementConfiguration: the role for EC2 instances
 * that have none of their own. It is a service setting with another name.
 */
import type { RequestContext } from '../../../core/context.ts';
import { TooManyUpdates, ValidationException } from '../../../core/errors.ts';
import type { SsmOperations } from '../../../core/operations.ts';
import { partitionOf } from '../../../core/partition.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { changeSetting, readSetting } from '../../service-settings/index.ts';

const setting = '/ssm/managed-instance/default-ec2-instance-management-role';
/** AWS's name for the role that Systems Manager makes. */
const serviceRole = 'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole';
const unset = '$None';

export const defaultHostManagementOperations = {
  /**
   * @throws ValidationException for a role that the model does not allow, or when another role is set and is not to be
   * replaced
   */
  RegisterDefaultHostManagementConfiguration: async (
    { PermissionModel: model, RoleArn: arn, Overwrite: overwrite = false },
    context,
  ) => {
    const role = model === 'SELF_MANAGED' ? roleOf(arn) : serviceManaged(arn);
    await conflictAs(
      retryOnConflict(() => register(role, overwrite, context), context),
      () => new TooManyUpdates('The configuration is being changed by others. Try again.'),
    );
    return { RoleArn: arn ?? `arn:${partitionOf(context.region).name}:iam::${context.account}:role/${role}` };
  },

  DeregisterDefaultHostManagementConfiguration: async (_input, context) => {
    await changeSetting(context, setting, undefined);
    return {};
  },
} satisfies SsmOperations;

async function register(role: string, overwrite: boolean, context: RequestContext): Promise<void> {
  const row = await readSetting(context, setting);
  const registered = row?.body.value ?? unset;
  if (registered === role) return;
  if (registered !== unset && !overwrite)
    throw new ValidationException(`The role ${registered} is registered already. Set Overwrite to replace it.`);
  await changeSetting(context, setting, role, { row });
}

/** The setting contains the role's name with its path. */
function roleOf(arn: string | undefined): string {
  if (arn === undefined) throw new ValidationException('RoleArn is required when PermissionModel is SELF_MANAGED.');
  const [, name] = /^arn:aws[\w-]*:iam::\d{12}:role\/((?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64})$/.exec(arn) ?? [];
  if (name === undefined) throw new ValidationException(`${arn} is not the ARN of a role.`);
  return name;
}

function serviceManaged(arn: string | undefined): string {
  if (arn !== undefined)
    throw new ValidationException('RoleArn cannot be set when PermissionModel is SERVICE_MANAGED.');
  return serviceRole;
}
