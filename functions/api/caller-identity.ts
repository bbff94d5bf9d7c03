/** sts GetCallerIdentity: what every client asks to know whose keys it holds. */
import type { RequestContext } from '../../core/context.ts';

export async function GetCallerIdentity(
  _input: object,
  context: RequestContext,
): Promise<{ UserId: string; Account: string; Arn: string }> {
  const { caller, account } = context;
  const userId =
    caller.kind === 'person'
      ? caller.accessKeyId
      : caller.kind === 'node'
        ? `${caller.accessKeyId}:${caller.nodeId}`
        : '';
  return { UserId: userId, Account: account, Arn: caller.arn };
}
