/** What AWS's API lacks lives beside it, under `/x/…`, signed like the rest (service name `flotilla`). */
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
  /** It changes nothing, though it is no GET: the audit trail leaves it out. */
  readonly readOnly?: true;
  /** The body has the form of this operation of ssm's: it is decoded and checked by the operation's model. */
  readonly inputOf?: string;
  /** Members of the body that the audit record must not show. */
  readonly secret?: readonly string[];
  /** What it returns is sent as JSON, unless it is a response already. */
  readonly run: (request: ExtensionRequest, context: RequestContext) => Promise<object | ExtensionResponse>;
}

/** Keyed by method and path template: `GET /x/dead-letters/{id}`. */
export type Extensions = Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'DELETE'} /x/${string}`, Extension>>;
