/** The role that nodes of an activation have: by name, as AWS wants it. */
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import { partitionOf } from '../../../core/partition.ts';

/** IAM's characters for a role's name, and the path that may go before it. */
const roleName = /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/;

/**
 * Checks what can be checked without IAM: whether the role exists and trusts ssm.amazonaws.com is not known
 * on one machine (docs/differences).
 * @throws ValidationException with AWS's wording
 */
export function checkRoleName({ account, region }: Pick<Context, 'account' | 'region'>, role: string): void {
  if (!roleName.test(role) || role.startsWith('aws-service-role/'))
    throw new ValidationException(`Not existing role: arn:${partitionOf(region).name}:iam::${account}:role/${role}`);
}
