/** sts GetCallerIdentity: clients call it to find out whose keys they use. */
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
