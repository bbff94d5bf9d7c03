/** `/x/keys`: people's access keys. Admins only. */
import { issueKey, listPersonKeys, revokeKey } from '../../core/access-keys.ts';
import type { Role } from '../../core/caller.ts';
import { ApiError, ValidationException } from '../../core/errors.ts';
import type { Extensions } from '../../core/extensions.ts';

const roles: readonly Role[] = ['admin', 'operator', 'viewer'];

/** There is no such key. */
export class ResourceNotFoundException extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}

export const keyExtensions: Extensions = {
  /** `{ "Keys": [{ AccessKeyId, Name, Role, CreatedAt, ExpiresAt? }] }`, without secrets. */
  'GET /x/keys': {
    roles: ['admin'],
    run: async (_request, context) => ({
      Keys: (await listPersonKeys(context)).map((key) => ({
        AccessKeyId: key.accessKeyId,
        Name: key.name,
        Role: key.role,
        CreatedAt: new Date(key.createdAt).toISOString(),
        ...(key.expiresAt === undefined ? {} : { ExpiresAt: new Date(key.expiresAt).toISOString() }),
      })),
    }),
  },

  /** `{ "Name", "Role" }` makes a key; its secret is shown only in this answer. */
  'POST /x/keys': {
    roles: ['admin'],
    run: async ({ body }, context) => {
      const { Name: name, Role: role } = (body ?? {}) as { readonly Name?: unknown; readonly Role?: unknown };
      if (typeof name !== 'string' || !/^[\w+=,.@-]{1,64}$/.test(name))
        throw new ValidationException('Name must be 1 to 64 letters, digits or any of + = , . @ _ -');
      if (!isRole(role)) throw new ValidationException(`Role must be one of ${roles.join(', ')}`);
      const key = await issueKey(context, { owner: { kind: 'person', name, role } });
      await context.state.transact(key.writes);
      return { AccessKeyId: key.accessKeyId, SecretAccessKey: key.secretAccessKey, Name: name, Role: role };
    },
  },

  /**
   * Deletes a person's key; it stops working at once. @throws ValidationException for the caller's own key, so that the
   * last admin cannot lock herself out
   */
  'DELETE /x/keys/{accessKeyId}': {
    roles: ['admin'],
    run: async ({ path: { accessKeyId = '' } }, context) => {
      if (context.caller.kind === 'person' && context.caller.accessKeyId === accessKeyId)
        throw new ValidationException('A key cannot delete itself. Use another admin’s.');
      if (!/^A[KS]IA[A-Z2-7]{16}$/.test(accessKeyId) || !(await revokeKey(context, accessKeyId)))
        throw new ResourceNotFoundException(`There is no key ${accessKeyId}`);
      return {};
    },
  },
};

function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value);
}
