/** Calls ssm's operations as the service itself, in process: what `npm start` does on its own account. */
import type { Context, RequestContext } from '../../core/context.ts';
import type { SsmInput, SsmOperations, SsmOutput } from '../../core/operations.ts';
import { ssm } from '../../functions/registry.ts';

type Name = Extract<keyof SsmOperations, string>;

export type CallAsService = <Operation extends Name>(
  name: Operation,
  input: SsmInput<Operation>,
) => Promise<SsmOutput<Operation>>;

export function callAsService(context: Context): CallAsService {
  const caller = { kind: 'service', arn: `arn:aws:iam::${context.account}:role/flotilla` } as const;
  return (name, input) => {
    const operation = ssm[name] as ((input: unknown, context: RequestContext) => Promise<never>) | undefined;
    if (operation === undefined) throw new Error(`${name} is not registered`);
    const request = { method: 'POST', path: '/', query: '', headers: {}, body: new Uint8Array(), sourceIp: '' };
    return operation(input, { ...context, caller, requestId: context.ids.uuid(), auditWrites: () => [], request });
  };
}
