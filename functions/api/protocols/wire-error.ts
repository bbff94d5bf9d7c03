/** What is thrown, as it goes out: the one place that decides code, status and the message's member. */
import { ApiError } from '../../../core/errors.ts';
import { ConditionFailed, StateUnavailable, WriteOutcomeUnknown } from '../../../core/state.ts';
import { TooManyUpdates } from '../../../core/errors.ts';
import { RequestOutcomeUnknownException, ServiceUnavailableException } from '../errors.ts';
import type { LoadedService, ModelledOperation } from '../loaded-service.ts';
import type { Protocol } from '../services.ts';

export interface WireError {
  readonly code: string;
  readonly status: number;
  /** Empty: none is sent. */
  readonly message: string;
  /** As the model names it. */
  readonly messageMember: 'message' | 'Message';
  /** Further modelled members, encoded. */
  readonly members: Readonly<Record<string, unknown>>;
}

/** Statuses where the model has none. JSON 1.1 sends 400 for whatever is the client's fault. */
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

/** Query's names of what the other protocols call otherwise. */
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

export interface Place {
  readonly protocol: Protocol;
  readonly service?: LoadedService | undefined;
  readonly operation?: ModelledOperation | undefined;
}

/**
 * The error that callers may see, or `undefined` for a fault of ours.
 */
export function callersError(error: unknown, { operation }: Place): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof StateUnavailable)
    return new ServiceUnavailableException('The service cannot store changes at the moment. Try again.');
  // SDKs repeat a 5xx: a command that was stored would be sent a second time.
  if (error instanceof WriteOutcomeUnknown)
    return new RequestOutcomeUnknownException(
      'The answer of the store was lost: the change may have been made. Look before you repeat the request.',
    );
  // Two requests for one entity, of which the room noticed nothing: the caller may repeat the later one.
  if (error instanceof ConditionFailed && operation?.errors?.includes('TooManyUpdates') === true)
    return new TooManyUpdates('There are concurrent updates for a resource that supports one update at a time.');
  return undefined;
}

export function wireError(error: ApiError, { protocol, service }: Place): WireError {
  // AppConfig and Resource Groups call a broken constraint by a name of their own.
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

/** A fault of ours, without detail: the log has it under the request's id. */
export function internalError({ protocol, service, operation }: Place): WireError {
  const modelled = operation?.errors?.find((name) => service?.model.shapes[name]?.fault === true);
  const code =
    protocol === 'query'
      ? 'InternalFailure'
      : (modelled ?? (protocol === 'json' ? 'InternalServerError' : 'InternalServerException'));
  return { code, status: 500, message: '', messageMember: 'message', members: {} };
}
