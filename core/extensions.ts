/** What AWS's API lacks is offered under `/x/…`, signed like the rest (service name `flotilla`). */
import type { Role } from './caller.ts';
import type { RequestContext } from './context.ts';
import type { ExtensionResponse } from './http.ts';

export interface ExtensionRequest {
  /** The values of the template's `{names}`, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON body; `undefined` when there is none. */
  readonly body: unknown;
}

export interface Extension {
  /** Who may call it. */
  readonly roles: readonly Role[];
  /** The call changes nothing, although it is not a GET: it leaves no audit record. */
  readonly readOnly?: true;
  /** The body has the input shape of this ssm operation, and is decoded and checked by the operation's model. */
  readonly inputOf?: string;
  /** Members of the body that the audit record must not show. */
  readonly secret?: readonly string[];
  /** The result is sent as JSON, unless it is a response already. */
  readonly run: (request: ExtensionRequest, context: RequestContext) => Promise<object | ExtensionResponse>;
}

/** Keyed by method and path template: `GET /x/dead-letters/{id}`. */
export type Extensions = Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'DELETE'} /x/${string}`, Extension>>;
