/** Converts a Lambda Function URL's event (payload format 2.0) to a request, and the response back. */
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';

/** Path and query arrive unchanged; header names are in lower case, repeated headers are joined. */
export function fromFunctionUrl(event: LambdaFunctionURLEvent): HttpRequest {
  // Without a prototype, names such as `constructor` are no headers.
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(event.headers))
    if (value !== undefined) headers[name.toLowerCase()] = value;
  if (event.cookies !== undefined && headers['cookie'] === undefined) headers['cookie'] = event.cookies.join('; ');
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    query: event.rawQueryString,
    headers,
    body:
      event.body === undefined ? new Uint8Array(0) : Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'),
    sourceIp: event.requestContext.http.sourceIp,
  };
}

export function toFunctionUrl({ status, headers, body }: HttpResponse): LambdaFunctionURLResult {
  return typeof body === 'string'
    ? { statusCode: status, headers: { ...headers }, body, isBase64Encoded: false }
    : {
        statusCode: status,
        headers: { ...headers },
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
      };
}
