/** Encodes errors: decides the code, the status and the member that has the message. */
import { ApiError } from '../../../core/errors.ts';
import { ConditionFailed, StateUnavailable, WriteOutcomeUnknown } from '../../../core/state.ts';
import { TooManyUpdates } from '../../../core/errors.ts';
import { RequestOutcomeUnknownException, ServiceUnavailableException } from '../errors.ts';
import type { LoadedService, ModelledOperation } from '../loaded-service.ts';
import type { Protocol } from '../services.ts';

export interface WireError {
  readonly code: string;
  readonly status: number;
  /** Empty: no message is sent. */
  readonly message: string;
  /** The name in the model. */
  readonly messageMember: 'message' | 'Message';
  /** Further members of the model, encoded. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Statuses for errors without one in the model. JSON 1.1 sends 400 for all errors of the client. */
const statuses: Readonly<Record<Protocol, Readonly<Record<string, number>>>> = {
  json: { RequestEntityTooLargeException: 413, RequestOutcomeUnknownException: 409, ServiceUnavailableException: 503 },
  'rest-json': {
    UnknownOperationException: 404,
    MissingAuthenticationTokenException: 403,
    IncompleteSignatureException: 403,
    UnrecognizedClientException: 403,
    InvalidSignatureException: 403,
    ExpiredTokenException: 403,
    AccessDeniedException: 403,
    ResourceNotFoundException: 404,
    RequestEntityTooLargeException: 413,
    RequestOutcomeUnknownException: 409,
    ServiceUnavailableException: 503,
  },
  query: {
    MissingAuthenticationTokenException: 403,
    UnrecognizedClientException: 403,
    InvalidSignatureException: 403,
    ExpiredTokenException: 403,
    AccessDeniedException: 403,
    RequestEntityTooLargeException: 413,
    RequestOutcomeUnknownException: 409,
    ServiceUnavailableException: 503,
  },
};

/** Query's names for errors that other protocols call differently. */
const queryCodes: Readonly<Record<string, string>> = {
  UnknownOperationException: 'InvalidAction',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  IncompleteSignatureException: 'IncompleteSignature',
  UnrecognizedClientException: 'InvalidClientTokenId',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  ExpiredTokenException: 'ExpiredToken',
  AccessDeniedException: 'AccessDenied',
  ValidationException: 'ValidationError',
  SerializationException: 'MalformedInput',
  ServiceUnavailableException: 'ServiceUnavailable',
};

export interface CallTarget {
  readonly protocol: Protocol;
  readonly service?: LoadedService | undefined;
  readonly operation?: ModelledOperation | undefined;
}

/** The error for the caller, or `undefined` for a fault of ours. */
export function callersError(error: unknown, { operation }: CallTarget): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof StateUnavailable)
    return new ServiceUnavailableException('The service cannot store changes at the moment. Try again.');
  // SDKs repeat a call after a 5xx, and would send a stored command a second time.
  if (error instanceof WriteOutcomeUnknown)
    return new RequestOutcomeUnknownException(
      'The answer of the store was lost: the change may have been made. Look before you repeat the request.',
    );
  // Two requests changed one entity, and the room did not handle it. The caller may repeat the request.
  if (error instanceof ConditionFailed && operation?.errors?.includes('TooManyUpdates') === true)
    return new TooManyUpdates('There are concurrent updates for a resource that supports one update at a time.');
  return undefined;
}

export function wireError(error: ApiError, { protocol, service }: CallTarget): WireError {
  // AppConfig and Resource Groups have their own error for a broken constraint.
  const named =
    error.code === 'ValidationException' &&
    service?.model.shapes['ValidationException'] === undefined &&
    service?.model.shapes['BadRequestException'] !== undefined
      ? 'BadRequestException'
      : error.code;
  const shape = service?.model.shapes[named];
  const modelled = shape?.error === undefined ? undefined : shape;
  const status = modelled?.error?.httpStatusCode ?? statuses[protocol][named] ?? (modelled?.fault === true ? 500 : 400);
  const code = protocol === 'query' ? (modelled?.error?.code ?? queryCodes[named] ?? named) : named;
  const {
    message: _,
    Message: __,
    ...members
  } = modelled === undefined || service === undefined
    ? {}
    : (service.encoder(named)(error.members) as Record<string, unknown>);
  return {
    code,
    status,
    message: error.message,
    messageMember: modelled?.members?.['Message'] === undefined ? 'message' : 'Message',
    members,
  };
}

/** A fault of ours, without details: the log has them under the request's id. */
export function internalError({ protocol, service, operation }: CallTarget): WireError {
  const modelled = operation?.errors?.find((name) => service?.model.shapes[name]?.fault === true);
  const code =
    protocol === 'query'
      ? 'InternalFailure'
      : (modelled ?? (protocol === 'json' ? 'InternalServerError' : 'InternalServerException'));
  return { code, status: 500, message: '', messageMember: 'message', members: {} };
}
