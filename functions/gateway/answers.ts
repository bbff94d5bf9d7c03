/** The gateway's answers: ec2messages in JSON 1.1, ssmmessages in XML, a refused upgrade as plain HTTP. */
import { ApiError, InternalServerError } from '../../core/errors.ts';
import type { HttpResponse } from '../../core/http.ts';

/** HTTP statuses other than 400. JSON 1.1 uses few. */
const statuses: Readonly<Record<string, { readonly json: number; readonly rest: number }>> = {
  MissingAuthenticationTokenException: { json: 400, rest: 403 },
  IncompleteSignatureException: { json: 400, rest: 403 },
  InvalidSignatureException: { json: 400, rest: 403 },
  UnrecognizedClientException: { json: 400, rest: 403 },
  ExpiredTokenException: { json: 400, rest: 403 },
  AccessDeniedException: { json: 400, rest: 403 },
  ResourceNotFoundException: { json: 400, rest: 404 },
  RequestEntityTooLargeException: { json: 413, rest: 413 },
  InternalServerError: { json: 500, rest: 500 },
};

/** The error for the caller: the given one, or an internal error. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new InternalServerError();
}

export function jsonAnswer(output: object, requestId: string): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
    body: JSON.stringify(output),
  };
}

export function jsonError(error: ApiError, requestId: string): HttpResponse {
  return {
    ...jsonAnswer({ __type: error.code, message: error.message }, requestId),
    status: statuses[error.code]?.json ?? 400,
  };
}

/** Agents accept only 201 as success. */
export function channelCreated(token: string, requestId: string): HttpResponse {
  const body = `<CreateControlChannelResponse><MessageSchemaVersion>1.0</MessageSchemaVersion><TokenValue>${escape(token)}</TokenValue></CreateControlChannelResponse>`;
  return { status: 201, headers: { 'content-type': 'application/xml', 'x-amzn-requestid': requestId }, body };
}

/** The error's code is the name of the element: `<AccessDeniedException>` makes an agent use ec2messages. */
export function xmlError(error: ApiError, requestId: string): HttpResponse {
  const body = `<${error.code}><Message>${escape(error.message)}</Message></${error.code}>`;
  return {
    status: statuses[error.code]?.rest ?? 400,
    headers: { 'content-type': 'application/xml', 'x-amzn-requestid': requestId },
    body,
  };
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
