/** The API on AWS: the core with its tables, in the context of a function or of the gateway's service. */
import { createApi } from '../functions/api/api.ts';
import { redirectToStored } from '../functions/api/stored-file.ts';
import { tables } from '../functions/api/tables.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { AwsContext } from './context.ts';

/**
 * The API as a function from request to response. Whoever asks for a stored file is sent to S3 for it.
 * @example const api = apiOf(context); await api(request);
 */
export function apiOf(context: AwsContext): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => redirectToStored(await api(request, context), context.files);
}

const api = createApi(tables);
