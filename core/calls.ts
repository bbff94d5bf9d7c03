/**
 * Calls of the API from inside: a room calls an operation in process, in its own name or in another caller's. The call
 * is checked, authorised and audited as if it had come over HTTP.
 */
import type * as AppConfig from '@aws-sdk/client-appconfig';
import type * as AppConfigData from '@aws-sdk/client-appconfigdata';
import type * as ResourceGroups from '@aws-sdk/client-resource-groups';
import type * as Ssm from '@aws-sdk/client-ssm';
import type * as Contacts from '@aws-sdk/client-ssm-contacts';
import type * as Incidents from '@aws-sdk/client-ssm-incidents';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import type { InputOf, NamesOf, OutputOf } from './operations.ts';

/** The services whose operations can be called, with the types of their clients. */
export interface CallableServices {
  readonly ssm: typeof Ssm;
  readonly 'ssm-contacts': typeof Contacts;
  readonly 'ssm-incidents': typeof Incidents;
  readonly appconfig: typeof AppConfig;
  readonly appconfigdata: typeof AppConfigData;
  readonly 'resource-groups': typeof ResourceGroups;
}

/** A call from a room, as the front door receives it. */
export interface InternalCall {
  readonly service: keyof CallableServices;
  readonly operation: string;
  /** Decoded: a timestamp is a Date, a blob a Uint8Array. */
  readonly input: object;
  /** The caller in whose name the call is made. */
  readonly as: Caller;
}

/** The function that a Context offers; {@link callAs} adds types. @returns the operation's output, decoded */
export type CallApi = (call: InternalCall, context: Context) => Promise<object>;

/**
 * Calls an operation of the API.
 * @param as whose rights the call has, and whose name its audit record carries
 * @param input as AWS's client takes it; what the model requires must be there
 * @throws what the operation throws; AccessDeniedException; ValidationException; an Error where it is not registered
 * @example
 * const { Command } = await callAs(context, association.createdBy, 'ssm', 'SendCommand', {
 *   DocumentName: 'AWS-RunShellScript',
 *   InstanceIds: ['mi-0123456789abcdef0'],
 *   Parameters: { commands: ['uptime'] },
 * });
 */
export async function callAs<
  Service extends keyof CallableServices,
  Name extends NamesOf<CallableServices[Service]> & string,
>(
  context: Context,
  as: Caller,
  service: Service,
  operation: Name,
  input: InputOf<CallableServices[Service], Name> & object,
): Promise<OutputOf<CallableServices[Service], Name>> {
  const output = await context.callApi({ service, operation, input, as }, context);
  return output as OutputOf<CallableServices[Service], Name>;
}

/**
 * The service itself, which may do everything.
 * @param name the tool that acts: `state-manager`
 */
export function serviceCaller({ account }: Pick<Context, 'account'>, name: string): Caller {
  return { kind: 'service', arn: `arn:aws:iam::${account}:role/flotilla-${name}` };
}
