/** JSON 1.1: all data is in the body, the operation in X-Amz-Target. */
import type { HttpRequest, HttpResponse } from '../../../core/http.ts';
import type { ModelledOperation } from '../loaded-service.ts';
import { parseJson } from './parse-json.ts';
import type { WireError } from './wire-error.ts';

const contentType = 'application/x-amz-json-1.1';

export function decodeJson(operation: ModelledOperation, request: HttpRequest): object {
  const body = parseJson(request.body);
  return operation.input === undefined ? {} : (operation.service.decoder(operation.input)(body) as object);
}

export function encodeJson(operation: ModelledOperation, output: object, requestId: string): HttpResponse {
  const body =
    operation.output === undefined ? '{}' : JSON.stringify(operation.service.encoder(operation.output)(output));
  return { status: 200, headers: { 'content-type': contentType, 'x-amzn-requestid': requestId }, body };
}

export function jsonError(error: WireError, requestId: string): HttpResponse {
  const body = {
    __type: error.code,
    ...(error.message === '' ? {} : { [error.messageMember]: error.message }),
    ...error.members,
  };
  return {
    status: error.status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify(body),
  };
}
