/** SecureString values: how they are stored, and who may decrypt them (design §6). */
import type { Context, RequestContext } from '../../../core/context.ts';
import { AccessDeniedException } from '../../../core/errors.ts';
import { InvalidKeyId } from './errors.ts';
import { grantedPaths } from './grants.ts';
import { idOf, parameterArn } from './names.ts';
import type { VersionItem } from './store.ts';

/** AWS's name for the account's default key. */
export const defaultKeyId = 'alias/aws/ssm';

const keyForms = /^(?:alias\/[\w/-]+|(?:mrk-)?[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * Checks a key id that a caller sends: an id, alias, or the ARN of either in this Region.
 * @throws InvalidKeyId
 */
export function checkKeyId(keyId: string, { region }: Pick<Context, 'region'>): void {
  const [, place, resource] = /^arn:aws[\w-]*:kms:([\w-]+):\d{12}:(?:key\/)?(.+)$/.exec(keyId) ?? [
    undefined,
    region,
    keyId,
  ];
  if (place !== region || !keyForms.test(resource ?? '')) throw new InvalidKeyId(`Invalid keyId ${keyId}`);
}

/**
 * The encryption context: a ciphertext is valid for one parameter only. The ARN is `arn:aws` in every partition,
 * because existing values must stay readable.
 */
const purposeOf = (name: string, { region, account }: Context): Readonly<Record<string, string>> => ({
  PARAMETER_ARN: `arn:aws:ssm:${region}:${account}:parameter${idOf(name)}`,
});

export function seal(name: string, value: string, context: Context): Promise<string> {
  return context.keys.encrypt(Buffer.from(value), purposeOf(name, context));
}

/**
 * A version's value for its reader. A SecureString is the ciphertext in base64, unless decryption is requested.
 * @throws AccessDeniedException when it is requested and the caller may not decrypt
 */
export async function shownValue(
  item: VersionItem,
  withDecryption: boolean | undefined,
  operation: string,
  context: RequestContext,
): Promise<string> {
  if (item.type !== 'SecureString') return item.value;
  if (withDecryption !== true) return Buffer.from(item.value).toString('base64');
  if (!(await mayDecrypt(item, context)))
    throw new AccessDeniedException(
      `User: ${context.caller.arn} is not authorized to perform: ssm:${operation} on resource: ${parameterArn(item.name, context)}`,
    );
  return Buffer.from(await context.keys.decrypt(item.value, purposeOf(item.name, context))).toString();
}

/** Admins may decrypt everything, operators what they wrote, nodes what is below paths granted to them. */
async function mayDecrypt({ name, modifiedBy }: VersionItem, context: RequestContext): Promise<boolean> {
  const { caller } = context;
  switch (caller.kind) {
    case 'service':
      return true;
    case 'person':
      return caller.role === 'admin' || (caller.role === 'operator' && caller.arn === modifiedBy);
    case 'node':
      return (await grantedPaths(caller.nodeId, context)).some((path) => idOf(name).startsWith(`${path}/`));
    case 'anonymous':
      return false;
  }
}
