/** The steps of every call of an operation, over HTTP or in process: authorise, check, run, audit. */
import { authorize } from '../../core/authorization.ts';
import type { Context, Operation, RequestContext } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import {
  auditWriteOf,
  isAudited,
  isRefusalAudited,
  recordCall,
  type AuditedCall,
  type AuditedOutcome,
} from './audit.ts';
import type { ModelledOperation } from './loaded-service.ts';
import { callersError, wireError, type CallTarget } from './protocols/wire-error.ts';

export type Run = Operation<never, object>;

/** The caller and the request. */
export type CalledBy = Pick<RequestContext, 'caller' | 'requestId' | 'request'>;

type Input = Readonly<Record<string, unknown>>;

/**
 * Performs an operation in AWS's order: an unreadable input is refused first, then a call that is not allowed, then a
 * broken constraint.
 * @param decode reads the input; called once
 * @param target the protocol and operation, from which the audit record takes AWS's error code
 * @throws what the operation throws, after the refusal is recorded
 */
export async function performOperation(
  operation: ModelledOperation,
  run: Run,
  decode: (request: RequestContext) => Input,
  target: CallTarget,
  context: Context,
  by: CalledBy,
): Promise<object> {
  const { service, name } = operation;
  const { caller } = by;
  let input: Input = {};
  let onRecord = !isAudited(name, caller);
  const request: RequestContext = {
    ...context,
    ...by,
    auditWrites: (output) => {
      if (!isAudited(name, caller)) return [];
      // An operation that retries its transaction asks for the record again.
      onRecord = true;
      return [auditWriteOf(callOf(operation, input, successOf(operation, output)), request)];
    },
  };
  try {
    input = decode(request);
    const { account, region } = context;
    authorize(caller, { service: service.signingName, operation: name, input, account, region });
    if (operation.input !== undefined) service.check(operation.input)(input);
    const output = await run(input as never, request);
    if (!onRecord) await recordCall(callOf(operation, input, successOf(operation, output)), request);
    return output;
  } catch (error) {
    if (isRefusalAudited(name, caller, error instanceof AccessDeniedException))
      await recordCall(callOf(operation, input, failureOf(error, target)), request);
    throw error;
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

function failureOf(error: unknown, target: CallTarget): AuditedOutcome {
  const known = callersError(error, target);
  if (known === undefined) return { errorCode: 'InternalFailure', errorMessage: '' };
  const { code, message } = wireError(known, target);
  return { errorCode: code, errorMessage: message };
}
