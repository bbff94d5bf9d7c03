/** Calls of ssm's operations by `npm start`, as the service itself. */
import { callAs, serviceCaller } from '../../core/calls.ts';
import type { Context } from '../../core/context.ts';
import type { SsmInput, SsmOperations, SsmOutput } from '../../core/operations.ts';

export type CallAsService = <Name extends Extract<keyof SsmOperations, string>>(
  name: Name,
  input: SsmInput<Name> & object,
) => Promise<SsmOutput<Name>>;

export function callAsService(context: Context): CallAsService {
  const caller = serviceCaller(context, 'start');
  return (name, input) => callAs(context, caller, 'ssm', name, input);
}
