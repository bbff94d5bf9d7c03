/** The opaque tokens that lists are continued with: what a room wants back, and a MAC so that it is ours. */
import { timingSafeEqual } from 'node:crypto';
import type { Context } from './context.ts';
import { InvalidNextToken } from './errors.ts';

/** Bytes of the MAC that travel. */
const macLength = 16;

/**
 * @param position whatever the room needs to go on: JSON
 * @param purpose tokens of one purpose are refused for another; name the operation where its positions differ in shape
 */
export async function encodeToken(context: Pick<Context, 'keys'>, position: object, purpose = ''): Promise<string> {
  const payload = Buffer.from(JSON.stringify(position));
  return Buffer.concat([await macOf(context, payload, purpose), payload]).toString('base64url');
}

/** @throws InvalidNextToken when the token was not made here, or for another purpose */
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
