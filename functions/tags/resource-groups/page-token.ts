/** Resource Groups' page tokens: the model allows only the characters of base64, not of base64url. */
import type { Context } from '../../../core/context.ts';
import { InvalidNextToken } from '../../../core/errors.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { BadRequestException } from './errors.ts';

export async function nextToken(context: Context, position: object, purpose: string): Promise<string> {
  return (await encodeToken(context, position, purpose)).replaceAll('-', '+').replaceAll('_', '/');
}

/** @throws BadRequestException for a token that was not made here, or for another purpose */
export async function positionOf<T extends object>(
  context: Context,
  token: string | undefined,
  purpose: string,
): Promise<T | undefined> {
  // The model allows an empty token, which means none.
  if (token === undefined || token === '') return undefined;
  try {
    return await decodeToken<T>(context, token, purpose);
  } catch (error) {
    if (error instanceof InvalidNextToken) throw new BadRequestException('NextToken is not valid.');
    throw error;
  }
}
