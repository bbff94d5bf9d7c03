/** One call of an operation: decode, allow, check, run, encode, and leave the audit record. */
import { authorize } from '../../core/authorization.ts';
import type { Context, Operation, RequestContext } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import type { HttpResponse } from '../../core/http.ts';
import {
  auditWriteOf,
  isAudited,
  isRefusalAudited,
  recordCall,
  type AuditedCall,
  type AuditedOutcome,
} from './audit.ts';
import type { ModelledOperation } from './loaded-service.ts';
import { decodeJson, encodeJson } from './protocols/json.ts';
import { decodeForm, encodeXml } from './protocols/query.ts';
import { decodeRest, encodeRest } from './protocols/rest-json.ts';
import { callersError, wireError, type Place } from './protocols/wire-error.ts';
import type { RoutedRequest } from './route-request.ts';

export type Run = Operation<never, object>;

/** Who calls, and with what. */
export type CalledBy = Pick<RequestContext, 'caller' | 'requestId' | 'request'>;

/** AWS's order: what cannot be read is refused first, then what is not allowed, then what breaks a constraint. */
export async function callOperation(
  operation: ModelledOperation,
  run: Run,
  routed: RoutedRequest,
  context: Context,
  by: CalledBy,
): Promise<HttpResponse> {
  const { service, name } = operation;
  const { caller } = by;
  let input: Readonly<Record<string, unknown>> = {};
  let onRecord = !isAudited(name, caller);
  const request: RequestContext = {
    ...context,
    ...by,
    auditWrites: (output) => {
      if (!isAudited(name, caller)) return [];
      // Asked for anew by an operation whose transaction has to be tried anew.
      onRecord = true;
      return [auditWriteOf(callOf(operation, input, successOf(operation, output)), request)];
    },
  };
  try {
    input = decode(operation, routed, request) as Readonly<Record<string, unknown>>;
    authorize(caller, {
      service: service.signingName,
      operation: name,
      input,
      account: context.account,
      region: context.region,
    });
    if (operation.input !== undefined) service.check(operation.input)(input);
    const output = await run(input as never, request);
    const response = encode(operation, output, request.requestId);
    if (!onRecord) await recordCall(callOf(operation, input, successOf(operation, output)), request);
    return response;
  } catch (error) {
    if (isRefusalAudited(name, caller, error instanceof AccessDeniedException))
      await recordCall(
        callOf(operation, input, failureOf(error, { protocol: routed.protocol, service, operation })),
        request,
      );
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

function callOf(operation: ModelledOperation, input: object, outcome: AuditedOutcome): AuditedCall {
  const { service, name } = operation;
  const requestParameters = operation.input === undefined ? null : service.redactor(operation.input)(input);
  return { eventSource: `${service.name}.amazonaws.com`, eventName: name, requestParameters, ...outcome };
}

function successOf({ service, output: shape }: ModelledOperation, output: object): AuditedOutcome {
  return { responseElements: shape === undefined ? null : service.redactor(shape)(output) };
}

function failureOf(error: unknown, place: Place): AuditedOutcome {
  const known = callersError(error, place);
  if (known === undefined) return { errorCode: 'InternalFailure', errorMessage: '' };
  const { code, message } = wireError(known, place);
  return { errorCode: code, errorMessage: message };
}
