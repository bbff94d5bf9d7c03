/** Calls of extensions under /x/: signed with the service name `flotilla`, with JSON as input and output. */
import { assertRole } from '../../core/authorization.ts';
import type { RequestContext } from '../../core/context.ts';
import { AccessDeniedException } from '../../core/errors.ts';
import type { Extension, Extensions } from '../../core/extensions.ts';
import type { ExtensionResponse, HttpRequest } from '../../core/http.ts';
import { recordCall } from './audit.ts';
import { UnknownOperationException } from './errors.ts';
import { loadService } from './loaded-service.ts';
import { decodeJson } from './protocols/json.ts';
import { parseJson } from './protocols/parse-json.ts';
import { isObject } from './shapes/decode.ts';
import { matchIn, tableOf } from './rest-routes.ts';

export interface MatchedExtension {
  /** `GET /x/keys` */
  readonly name: string;
  readonly extension: Extension;
  readonly path: Readonly<Record<string, string>>;
}

export type MatchExtension = (request: Pick<HttpRequest, 'method' | 'path'>) => MatchedExtension;

/**
 * @returns a function that finds the extension of a request, and throws UnknownOperationException where there is none
 */
export function extensionMatcher(extensions: Extensions): MatchExtension {
  const table = tableOf(
    Object.keys(extensions).map((name) => {
      const [method = '', template = ''] = name.split(' ');
      return { operation: name, method, template };
    }),
  );
  return ({ method, path }) => {
    const match = matchIn(table, method, path);
    const extension = match === undefined ? undefined : extensions[match.operation as keyof Extensions];
    if (match === undefined || extension === undefined) throw new UnknownOperationException(`${method} ${path}`);
    return { name: match.operation, extension, path: match.labels };
  };
}

/** Runs an extension for a caller whose signature has been verified. */
export async function callExtension(
  { name, extension, path }: MatchedExtension,
  context: RequestContext,
): Promise<ExtensionResponse> {
  const { request } = context;
  let body: unknown;
  const audit = async (error?: unknown): Promise<void> => {
    // A read leaves no record, whatever becomes of it, unless its caller may not make it.
    const isRead = request.method === 'GET' || extension.readOnly === true;
    if (isRead && !(error instanceof AccessDeniedException)) return;
    // The output may hold the secret of a new key, so it is not recorded.
    const failure =
      error === undefined
        ? {}
        : {
            errorCode: error instanceof Error ? error.name : 'Error',
            errorMessage: error instanceof Error ? error.message : '',
          };
    await recordCall(
      {
        eventSource: 'flotilla',
        eventName: name,
        requestParameters: { ...path, ...(body === undefined ? {} : { body: without(body, extension.secret) }) },
        ...failure,
      },
      context,
    );
  };
  try {
    assertRole(context.caller, extension.roles, {
      service: 'flotilla',
      operation: name,
      account: context.account,
      region: context.region,
    });
    body =
      extension.inputOf === undefined
        ? request.body.length === 0
          ? undefined
          : parseJson(request.body)
        : await inputOf(extension.inputOf, request);
    const output = await extension.run({ path, query: new URLSearchParams(request.query), body }, context);
    await audit();
    return isResponse(output)
      ? output
      : {
          status: 200,
          headers: { 'content-type': 'application/json', 'x-amzn-requestid': context.requestId },
          body: JSON.stringify(output),
        };
  } catch (error) {
    await audit(error);
    throw error;
  }
}

async function inputOf(name: string, request: HttpRequest): Promise<unknown> {
  const service = await loadService('ssm');
  const operation = service.operation(name);
  if (operation?.input === undefined) throw new Error(`ssm has no operation ${name} with an input`);
  const input = decodeJson(operation, request);
  service.check(operation.input)(input);
  return input;
}

function without(body: unknown, secret: readonly string[] = []): unknown {
  return isObject(body)
    ? Object.fromEntries(Object.entries(body).filter(([member]) => !secret.includes(member)))
    : body;
}

function isResponse(output: object): output is ExtensionResponse {
  return 'status' in output && 'headers' in output && 'body' in output;
}
