/** Finds the service and operation of a request. */
import type { HttpRequest } from '../../core/http.ts';
import { claimedService } from '../../core/sigv4/claimed-signature.ts';
import { RequestEntityTooLargeException } from './errors.ts';
import { loadService, type LoadedService, type ModelledOperation } from './loaded-service.ts';
import { formOf } from './protocols/query.ts';
import { servicesBySigningName, servicesByTarget, type Protocol, type Service } from './services.ts';

/** Bytes. */
const longestForm = 128 * 1024;

export interface RoutedRequest {
  /** How errors are encoded; known even where nothing else is. */
  readonly protocol: Protocol;
  /** The service name that the credential scope must have. */
  readonly signingName: string;
  readonly service?: LoadedService;
  /** Absent: there is no such operation. */
  readonly operation?: ModelledOperation;
  /** REST: the values in the path. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Query: the form's fields. */
  readonly form?: ReadonlyMap<string, string>;
}

/**
 * X-Amz-Target names service and operation. Without it, the credential scope names the service (three services have
 * `/tags/{arn}`), and method and path, or the form's Action, name the operation.
 */
export function routeRequest(request: HttpRequest): RoutedRequest | Promise<RoutedRequest> {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return byTarget(target);
  const claimed = claimedService(request);
  const [first, ...others] = servicesBySigningName.get(claimed ?? '') ?? [];
  if (first === undefined) return { protocol: isJson(request) ? 'json' : 'rest-json', signingName: 'ssm' };
  if (first.protocol === 'rest-json') return byPath([first, ...others], request);
  if (first.protocol === 'query') return byAction(first, request);
  return { protocol: first.protocol, signingName: first.signingName };
}

function byTarget(target: string): RoutedRequest | Promise<RoutedRequest> {
  const dot = target.lastIndexOf('.');
  const service = servicesByTarget.get(target.slice(0, dot));
  if (service === undefined) return { protocol: 'json', signingName: 'ssm' };
  const loaded = loadService(service.name);
  const found = (ready: LoadedService): RoutedRequest => {
    const operation = ready.operation(target.slice(dot + 1));
    return {
      protocol: 'json',
      signingName: ready.signingName,
      service: ready,
      ...(operation === undefined ? {} : { operation }),
    };
  };
  return loaded instanceof Promise ? loaded.then(found) : found(loaded);
}

async function byPath(candidates: readonly Service[], request: HttpRequest): Promise<RoutedRequest> {
  let service: LoadedService | undefined;
  for (const { name } of candidates) {
    service = await loadService(name);
    const match = service.route(request.method, request.path);
    const operation = match === undefined ? undefined : service.operation(match.operation);
    if (match !== undefined && operation !== undefined)
      return { protocol: 'rest-json', signingName: service.signingName, service, operation, labels: match.labels };
  }
  return {
    protocol: 'rest-json',
    signingName: candidates[0]?.signingName ?? '',
    ...(service === undefined ? {} : { service }),
  };
}

async function byAction({ name }: Service, request: HttpRequest): Promise<RoutedRequest> {
  // Whose signature it has is not known yet. No form of the operations that there are is long.
  if (request.body.length > longestForm)
    throw new RequestEntityTooLargeException('Request size exceeded the limit of 128 KB for forms.');
  const service = await loadService(name);
  const form = formOf(request);
  const operation = service.operation(form.get('Action') ?? '');
  return {
    protocol: 'query',
    signingName: service.signingName,
    service,
    form,
    ...(operation === undefined ? {} : { operation }),
  };
}

function isJson(request: HttpRequest): boolean {
  return request.headers['content-type']?.startsWith('application/x-amz-json') === true;
}
