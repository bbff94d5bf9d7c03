/** The role that nodes of an activation have: by name, as AWS wants it. */
import { ValidationException } from '../../../core/errors.ts';

/** IAM's characters for a role's name, and the path that may go before it. */
const roleName = /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]+$/;

/**
 * Checks what can be checked without IAM: whether the role exists and trusts ssm.amazonaws.com is not known
 * on one machine (docs/differences).
 * @throws ValidationException with AWS's wording
 */
export function checkRoleName(account: string, role: string): void {
  if (!roleName.test(role) || role.startsWith('aws-service-role/'))
    throw new ValidationException(`Not existing role: arn:aws:iam::${account}:role/${role}`);
}
