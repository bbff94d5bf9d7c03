/**
 * AWS's query APIs, for the few calls whose client packages would weigh more than all that uses them: parameters as a
 * form, an answer in XML.
 */
import type { Credentials } from '../core/sigv4/sign.ts';
import { signRequest } from '../core/sigv4/sign.ts';

export interface QueryApiOptions {
  /** The signing name. */
  readonly service: string;
  readonly region: string;
  readonly endpoint: string;
  /** `2010-08-01` */
  readonly version: string;
  /** The process's own, as the clients find them. */
  readonly credentials: () => Promise<Credentials>;
}

/** AWS refused the call. */
export class QueryApiError extends Error {
  override readonly name = 'QueryApiError';
  /** `NotFound`; empty where the answer names none. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Milliseconds. */
const timeout = 10_000;

export class QueryApi {
  readonly #options: QueryApiOptions;

  constructor(options: QueryApiOptions) {
    this.#options = options;
  }

  /** @returns the XML of the answer @throws QueryApiError, or what the network throws */
  async call(action: string, parameters: Readonly<Record<string, string>>): Promise<string> {
    const { service, region, endpoint, version, credentials } = this.#options;
    const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
    const url = new URL('/', endpoint);
    const headers = signRequest({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body,
      credentials: await credentials(),
      region,
      service,
    });
    // fetch names the host itself.
    const { host: _host, ...sent } = headers;
    const answer = await fetch(url, { method: 'POST', headers: sent, body, signal: AbortSignal.timeout(timeout) });
    const xml = await answer.text();
    if (!answer.ok)
      throw new QueryApiError(
        textOf(xml, 'Code') ?? '',
        answer.status,
        `${service} ${action}: ${textOf(xml, 'Message') ?? answer.statusText}`,
      );
    return xml;
  }
}

/** The text of the first element of a name that holds nothing but text. */
export function textOf(xml: string, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
}

/** Where a service of AWS answers, by the variables that its clients look at too. */
export function endpointOf(
  service: string,
  region: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return (
    env[`AWS_ENDPOINT_URL_${service === 'monitoring' ? 'CLOUDWATCH' : service.toUpperCase()}`] ??
    env.AWS_ENDPOINT_URL ??
    `https://${service}.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  );
}
