/** One call of an operation: decode, allow, check, run, encode, and leave the audit record. */
import { authorize } from '../../core/authorization.ts';
import type { Operation, RequestContext } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import type { HttpResponse } from '../../core/http.ts';
import { isAudited, isRefusalAudited, recordCall } from './audit.ts';
import type { ModelledOperation } from './loaded-service.ts';
import { decodeJson, encodeJson } from './protocols/json.ts';
import { decodeForm, encodeXml } from './protocols/query.ts';
import { decodeRest, encodeRest } from './protocols/rest-json.ts';
import { callersError, wireError, type Place } from './protocols/wire-error.ts';
import type { RoutedRequest } from './route-request.ts';

export type Run = Operation<never, object>;

/** AWS's order: what cannot be read is refused first, then what is not allowed, then what breaks a constraint. */
export async function callOperation(operation: ModelledOperation, run: Run, routed: RoutedRequest, context: RequestContext): Promise<HttpResponse> {
  const { service, name } = operation;
  let input: Readonly<Record<string, unknown>> = {};
  try {
    input = decode(operation, routed, context) as Readonly<Record<string, unknown>>;
    authorize(context.caller, { service: service.signingName, operation: name, input, account: context.account, region: context.region });
    if (operation.input !== undefined) service.check(operation.input)(input);
    const output = await run(input as never, context);
    const response = encode(operation, output, context.requestId);
    if (isAudited(name, context.caller)) await audit(operation, input, context, { responseElements: operation.output === undefined ? null : service.redactor(operation.output)(output) });
    return response;
  } catch (error) {
    if (isRefusalAudited(name, context.caller, error instanceof AccessDeniedException)) await audit(operation, input, context, failureOf(error, { protocol: routed.protocol, service, operation }));
    throw error;
  }
}

function decode(operation: ModelledOperation, routed: RoutedRequest, { request }: RequestContext): object {
  switch (routed.protocol) {
    case 'json':
      return decodeJson(operation, request);
    case 'rest-json':
      return decodeRest(operation, request, routed.labels ?? {});
    case 'query':
      return decodeForm(operation, routed.form ?? new Map<string, string>());
  }
}

function encode(operation: ModelledOperation, output: object, requestId: string): HttpResponse {
  switch (operation.service.protocol) {
    case 'json':
      return encodeJson(operation, output, requestId);
    case 'rest-json':
      return encodeRest(operation, output, requestId);
    case 'query':
      return encodeXml(operation, output, requestId);
  }
}

async function audit(operation: ModelledOperation, input: object, context: RequestContext, outcome: { readonly responseElements?: unknown; readonly errorCode?: string; readonly errorMessage?: string }): Promise<void> {
  const { service, name } = operation;
  const requestParameters = operation.input === undefined ? null : service.redactor(operation.input)(input);
  await recordCall({ eventSource: `${service.name}.amazonaws.com`, eventName: name, requestParameters, ...outcome }, context);
}

function failureOf(error: unknown, place: Place): { readonly errorCode: string; readonly errorMessage: string } {
  const known = callersError(error, place);
  if (known === undefined) return { errorCode: 'InternalFailure', errorMessage: '' };
  const { code, message } = wireError(known, place);
  return { errorCode: code, errorMessage: message };
}
