/** The opaque tokens that continue lists: the room's position, and a MAC that proves that we made the token. */
import { timingSafeEqual } from 'node:crypto';
import type { Context } from './context.ts';
import { InvalidNextToken } from './errors.ts';

/** Bytes of the MAC that the token contains. */
const macLength = 16;

/**
 * Makes a token.
 * @param position what the room needs to continue: JSON
 * @param purpose a token is valid for one purpose; name the operation where positions of operations differ in shape
 */
export async function encodeToken(context: Pick<Context, 'keys'>, position: object, purpose = ''): Promise<string> {
  const payload = Buffer.from(JSON.stringify(position));
  return Buffer.concat([await macOf(context, payload, purpose), payload]).toString('base64url');
}

/** The position in a token. @throws InvalidNextToken when it was not made here, or was made for another purpose */
export async function decodeToken<T extends object>(
  context: Pick<Context, 'keys'>,
  token: string,
  purpose = '',
): Promise<T> {
  const bytes = Buffer.from(token, 'base64url');
  const payload = bytes.subarray(macLength);
  if (
    bytes.length <= macLength ||
    !timingSafeEqual(bytes.subarray(0, macLength), await macOf(context, payload, purpose))
  )
    throw new InvalidNextToken('The specified token is not valid.');
  return JSON.parse(payload.toString()) as T;
}

async function macOf({ keys }: Pick<Context, 'keys'>, payload: Buffer, purpose: string): Promise<Uint8Array> {
  return (await keys.mac(`page-token\n${purpose}\n${payload.toString('latin1')}`)).subarray(0, macLength);
}
