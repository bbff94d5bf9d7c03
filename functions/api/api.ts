/**
 * The front door: one HTTPS endpoint for every service, as a function from request to response. Adapters for node:http
 * and Lambda Function URLs are in the files beside it.
 */
import { isUnsigned } from '../../core/authorization.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import type { Extensions } from '../../core/extensions.ts';
import type { ExtensionResponse, HttpRequest, HttpResponse } from '../../core/http.ts';
import { anonymous, authenticate } from './authenticate.ts';
import { callExtension, extensionMatcher, type MatchExtension } from './call-extension.ts';
import { callOperation } from './call-operation.ts';
import { RequestEntityTooLargeException, UnknownOperationException } from './errors.ts';
import type { Run } from './perform-operation.ts';
import { jsonError } from './protocols/json.ts';
import { xmlError } from './protocols/query.ts';
import { restError } from './protocols/rest-json.ts';
import { callersError, internalError, wireError, type CallTarget, type WireError } from './protocols/wire-error.ts';
import { routeRequest, type RoutedRequest } from './route-request.ts';
import type { ServiceName } from './services.ts';
import { Turns } from './turns.ts';

/** Bytes. Files are uploaded to the S3 API instead. */
export const longestBody = 2 * 1024 * 1024;

/**
 * Bytes of a body by callers who only read, and by those who show no key. To read and check 2 MB may take a second, and
 * nobody else's request may wait for that. The longest that such a caller needs is a preview with 64 KB of parameters.
 */
const longestShortBody = 128 * 1024;

/** What is registered: functions/registry.ts. */
export interface ApiTables {
  /** Each service's operations by name. Their types are checked where they are registered. */
  readonly operations: { readonly [service in ServiceName]?: Readonly<Record<string, unknown>> };
  readonly extensions: Extensions;
}

/** Adapters know how to send an answer that is a file or a stream: stored-file.ts. */
export type Api = (request: HttpRequest, context: Context) => Promise<ExtensionResponse>;

/** Never rejects: every error becomes a response. */
export function createApi({ operations, extensions }: ApiTables): Api {
  const matchExtension = extensionMatcher(extensions);
  const runOf = (service: ServiceName, operation: string): Run | undefined =>
    Object.hasOwn(operations[service] ?? {}, operation) ? (operations[service]?.[operation] as Run) : undefined;
  const turns = new Turns();
  return async (request, context) => {
    if (request.path === '/health')
      return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"status":"ok"}' };
    const requestId = context.ids.uuid();
    let routed: RoutedRequest = {
      protocol: request.headers['x-amz-target'] === undefined ? 'rest-json' : 'json',
      signingName: 'flotilla',
    };
    try {
      if (request.path.startsWith('/x/'))
        return await extensionCall(request, context, requestId, matchExtension, turns);
      // Values that are there already are not awaited: each turn of the microtask queue costs one percent of the whole.
      const route = routeRequest(request);
      routed = route instanceof Promise ? await route : route;
      return await operationCall(request, context, requestId, routed, runOf, turns);
    } catch (error) {
      return errorResponse(error, routed, context, requestId);
    }
  };
}

async function operationCall(
  request: HttpRequest,
  context: Context,
  requestId: string,
  routed: RoutedRequest,
  runOf: (service: ServiceName, operation: string) => Run | undefined,
  turns: Turns,
): Promise<HttpResponse> {
  if (request.body.length > longestBody) throw tooLong('2 MB');
  const { operation } = routed;
  const run = operation === undefined ? undefined : runOf(operation.service.name, operation.name);
  // An unknown path, without credentials: AWS's gateway answers so.
  if (operation === undefined && routed.service === undefined && routed.protocol === 'rest-json')
    await authenticate(request, context, routed.signingName);
  if (operation === undefined || run === undefined) throw new UnknownOperationException(nameOf(request, routed));
  const unsigned =
    isUnsigned(operation.service.name, operation.name) &&
    (operation.name !== 'RegisterManagedInstance' || request.headers['authorization'] === undefined);
  const caller = unsigned ? anonymous : await authenticate(request, context, routed.signingName);
  await admit(caller, request, turns);
  return await callOperation(operation, run, routed, context, { caller, requestId, request });
}

/**
 * Lets a request in: nobody waits for long on account of a viewer, however many requests the viewer sends at once.
 * @throws RequestEntityTooLargeException
 */
function admit(caller: Caller, { body }: HttpRequest, turns: Turns): Promise<void> | undefined {
  const isViewer = caller.kind === 'person' && caller.role === 'viewer';
  if (!isViewer && caller.kind !== 'anonymous') return undefined;
  if (body.length > longestShortBody) throw tooLong('128 KB for viewers and for requests without a signature');
  return isViewer ? turns.take(caller.arn) : undefined;
}

function tooLong(limit: string): RequestEntityTooLargeException {
  return new RequestEntityTooLargeException(`Request size exceeded the limit of ${limit}.`);
}

/** What a request asks for, in the form in which it was sent. */
function nameOf({ headers, method, path }: HttpRequest, { form }: RoutedRequest): string {
  return headers['x-amz-target'] ?? form?.get('Action') ?? `${method} ${path}`;
}

async function extensionCall(
  request: HttpRequest,
  context: Context,
  requestId: string,
  match: MatchExtension,
  turns: Turns,
): Promise<ExtensionResponse> {
  if (request.body.length > longestBody) throw tooLong('2 MB');
  const caller = await authenticate(request, context, 'flotilla');
  await admit(caller, request, turns);
  // The front door writes the audit record of an extension.
  return await callExtension(match(request), { ...context, caller, requestId, request, auditWrites: () => [] });
}

function errorResponse(error: unknown, target: CallTarget, context: Context, requestId: string): HttpResponse {
  const known = callersError(error, target);
  if (known === undefined) context.log.error('request failed', { requestId, operation: target.operation?.name, error });
  const wire: WireError = known === undefined ? internalError(target) : wireError(known, target);
  // The caller may only repeat the call: why the store refused is for the operator.
  if (known !== undefined && error !== known)
    context.log.warn('request refused', { requestId, operation: target.operation?.name, code: wire.code, error });
  switch (target.protocol) {
    case 'json':
      return jsonError(wire, requestId);
    case 'rest-json':
      return restError(wire, requestId);
    case 'query':
      return xmlError(wire, requestId, target.service);
  }
}
