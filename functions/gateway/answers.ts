/** How this door answers: ec2messages in JSON 1.1, ssmmessages in XML, the refusal of an upgrade as plain HTTP. */
import { AccessDeniedException, ApiError, InternalServerError } from '../../core/errors.ts';
import type { HttpResponse } from '../../core/http.ts';
import { NotAuthenticated, RequestEntityTooLargeException, ResourceNotFoundException } from './errors.ts';

/** What a caller is told of an error: its own, or that something is wrong here. */
export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new InternalServerError();
}

export function jsonAnswer(output: object, requestId: string): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId }, body: JSON.stringify(output) };
}

export function jsonError(error: ApiError, requestId: string): HttpResponse {
  const status = error instanceof InternalServerError ? 500 : error instanceof RequestEntityTooLargeException ? 413 : 400;
  return { ...jsonAnswer({ __type: error.code, message: error.message }, requestId), status };
}

/** Agents take 201 and nothing else for success. */
export function channelCreated(token: string, requestId: string): HttpResponse {
  const body = `<CreateControlChannelResponse><MessageSchemaVersion>1.0</MessageSchemaVersion><TokenValue>${escape(token)}</TokenValue></CreateControlChannelResponse>`;
  return { status: 201, headers: { 'content-type': 'application/xml', 'x-amzn-requestid': requestId }, body };
}

/** The error's code is the element's name: `<AccessDeniedException>` in it sends an agent to ec2messages. */
export function xmlError(error: ApiError, requestId: string): HttpResponse {
  const body = `<${error.code}><Message>${escape(error.message)}</Message></${error.code}>`;
  return { status: restStatus(error), headers: { 'content-type': 'application/xml', 'x-amzn-requestid': requestId }, body };
}

function restStatus(error: ApiError): number {
  if (error instanceof AccessDeniedException || error instanceof NotAuthenticated) return 403;
  if (error instanceof ResourceNotFoundException) return 404;
  if (error instanceof RequestEntityTooLargeException) return 413;
  return error instanceof InternalServerError ? 500 : 400;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
