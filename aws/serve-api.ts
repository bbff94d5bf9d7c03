/** The API on AWS, for a Lambda function and for the gateway's service. */
import { createApi } from '../functions/api/api.ts';
import { redirectToStored } from '../functions/api/stored-file.ts';
import { tables } from '../functions/api/tables.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { AwsContext } from './context.ts';

/**
 * The API as a function from request to response. A request for a stored file is redirected to S3.
 * @example const api = apiOf(context); await api(request);
 */
export function apiOf(context: AwsContext): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => redirectToStored(await api(request, context), context.files);
}

const api = createApi(tables);
