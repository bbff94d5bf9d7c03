/** The role of an activation's nodes: a name, as in AWS. */
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import { partitionOf } from '../../../core/partition.ts';

/** IAM's characters for a role's name, and an optional path before it. */
const roleName = /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/;

/**
 * Checks what can be checked without IAM. On one machine it is not known whether the role exists and trusts
 * ssm.amazonaws.com (docs/differences).
 * @throws ValidationException with AWS's wording
 */
export function checkRoleName({ account, region }: Pick<Context, 'account' | 'region'>, role: string): void {
  if (!roleName.test(role) || role.startsWith('aws-service-role/'))
    throw new ValidationException(`Not existing role: arn:${partitionOf(region).name}:iam::${account}:role/${role}`);
}
