/** SecureString values: how they are kept, and who may see them (design §6). */
import type { Context, RequestContext } from '../../../core/context.ts';
import { AccessDeniedException } from '../../../core/errors.ts';
import { InvalidKeyId } from './errors.ts';
import { grantedPaths } from './grants.ts';
import { idOf, parameterArn } from './names.ts';
import type { VersionItem } from './store.ts';

/** The account's own key, as AWS calls it. */
export const defaultKeyId = 'alias/aws/ssm';

const keyForms = /^(?:alias\/[\w/-]+|(?:mrk-)?[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * A key as a caller names it: by id, alias, or the ARN of either in this Region.
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
 * The ciphertext is good for this parameter only. The ARN's form is fixed, and is `arn:aws` in every partition: values
 * that were encrypted before must stay readable.
 */
const purposeOf = (name: string, { region, account }: Context): Readonly<Record<string, string>> => ({
  PARAMETER_ARN: `arn:aws:ssm:${region}:${account}:parameter${idOf(name)}`,
});

export function seal(name: string, value: string, context: Context): Promise<string> {
  return context.keys.encrypt(Buffer.from(value), purposeOf(name, context));
}

/**
 * The value of a version as its reader sees it: of a SecureString the ciphertext in base64, unless decryption is asked
 * for.
 * @throws AccessDeniedException when it is asked for and the caller may not
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

/** Admins everything, operators what they wrote, nodes what lies under paths granted to them. */
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
