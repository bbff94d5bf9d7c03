/** One call of an operation over HTTP: decodes the input, performs the operation, encodes the answer. */
import type { Context, RequestContext } from '../../core/context.ts';
import type { HttpResponse } from '../../core/http.ts';
import type { ModelledOperation } from './loaded-service.ts';
import { performOperation, type CalledBy, type Run } from './perform-operation.ts';
import { decodeJson, encodeJson } from './protocols/json.ts';
import { decodeForm, encodeXml } from './protocols/query.ts';
import { decodeRest, encodeRest } from './protocols/rest-json.ts';
import type { RoutedRequest } from './route-request.ts';

/** @throws what {@link performOperation} throws */
export async function callOperation(
  operation: ModelledOperation,
  run: Run,
  routed: RoutedRequest,
  context: Context,
  by: CalledBy,
): Promise<HttpResponse> {
  const { service } = operation;
  const place = { protocol: routed.protocol, service, operation };
  const output = await performOperation(
    operation,
    run,
    (request) => decode(operation, routed, request) as Readonly<Record<string, unknown>>,
    place,
    context,
    by,
  );
  return encode(operation, output, by.requestId);
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
