/** The agent's client of the service. Calls are signed with the node's role credentials. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signRequest } from '../core/sigv4/sign.ts';
import { readJsonAnswer, ServiceError, type HttpAnswer, type HttpClient } from '../core/http-client.ts';
import type { Registration } from './registration.ts';
import type { RoleCredentials } from './role-credentials.ts';

const targets = { ssm: 'AmazonSSM', ec2messages: 'EC2WindowsMessageDeliveryService' } as const;
const attempts = 3;
const firstPause = 300;
/** Milliseconds: a step's result waits for its last lines to be sent. */
const logsTimeout = 10_000;

/** The service's errors for credentials that it does not know (any more). */
const staleCredentials = ['UnrecognizedClientException', 'ExpiredTokenException', 'InvalidClientTokenId'];

export class ServiceClient {
  readonly http: HttpClient;
  readonly registration: Pick<Registration, 'nodeId' | 'region' | 'endpoint' | 'nodeEndpoint' | 's3Endpoint'>;
  readonly #credentials: RoleCredentials;

  constructor(http: HttpClient, registration: Registration, credentials: RoleCredentials) {
    this.http = http;
    this.registration = registration;
    this.#credentials = credentials;
  }

  /**
   * A JSON 1.1 call. All calls of an agent may be repeated safely, so it is retried after a lost connection or a fault
   * of the service.
   * @throws ServiceError, or a network error, after three attempts
   */
  async call<Output = object>(service: keyof typeof targets, operation: string, input: object): Promise<Output> {
    return patiently(() => this.callOnce<Output>(service, operation, input));
  }

  /**
   * A call of CloudWatch Logs, at AWS or at the operator's replacement.
   * @throws as `call`
   */
  async callLogs(endpoint: string, operation: string, input: object): Promise<void> {
    const url = new URL('/', endpoint);
    const method = 'POST';
    const body = JSON.stringify(input);
    await patiently(async () => {
      const headers = signRequest({
        method,
        url,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
        body,
        credentials: await this.#credentials.get(),
        region: this.registration.region,
        service: 'logs',
      });
      readJsonAnswer(
        await this.http.send(url, {
          method,
          headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
          body,
          timeout: logsTimeout,
          web: true,
        }),
      );
    });
  }

  /** As `call`, with one attempt. */
  async callOnce<Output = object>(
    service: keyof typeof targets,
    operation: string,
    input: object,
    options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Output> {
    const url = new URL('/', service === 'ssm' ? this.registration.endpoint : this.registration.nodeEndpoint);
    const body = JSON.stringify(input);
    const answer = await this.#signed(
      url,
      service,
      { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${targets[service]}.${operation}` },
      body,
      options,
    );
    try {
      return readJsonAnswer<Output>(answer);
    } catch (error) {
      if (isStale(error)) this.#credentials.invalidate();
      throw error;
    }
  }

  /** A call of ssmmessages: JSON in, XML out. */
  async post(path: string, input: object): Promise<HttpAnswer> {
    return this.#signed(
      new URL(path, this.registration.nodeEndpoint),
      'ssmmessages',
      { 'content-type': 'application/json' },
      JSON.stringify(input),
      {},
    );
  }

  /** The headers of a signed websocket upgrade. */
  async upgradeHeaders(url: URL): Promise<Record<string, string>> {
    return signRequest({
      method: 'GET',
      url: new URL(url.href.replace(/^ws/, 'http')),
      credentials: await this.#credentials.get(),
      region: this.registration.region,
      service: 'ssmmessages',
    });
  }

  /** The headers of a signed S3 request whose body is streamed unsigned. */
  async s3Headers(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
  ): Promise<Record<string, string>> {
    return signRequest({
      method,
      url,
      headers,
      credentials: await this.#credentials.get(),
      region: this.registration.region,
      service: 's3',
      payloadHash: 'UNSIGNED-PAYLOAD',
    });
  }

  async #signed(
    url: URL,
    service: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    options: { readonly timeout?: number; readonly signal?: AbortSignal },
  ): Promise<HttpAnswer> {
    const method = 'POST';
    const signed = signRequest({
      method,
      url,
      headers,
      body,
      credentials: await this.#credentials.get(),
      region: this.registration.region,
      service,
    });
    return this.http.send(url, {
      method,
      headers: { ...signed, 'content-length': String(Buffer.byteLength(body)) },
      body,
      ...options,
    });
  }
}

async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === attempts || !mayPass(error)) throw error;
      await sleep(firstPause * 2 ** attempt * (0.5 + Math.random() / 2));
    }
  }
}

function isStale(error: unknown): boolean {
  return error instanceof ServiceError && staleCredentials.includes(error.code);
}

/** Whether a retry may succeed soon. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ServiceError) || error.status >= 500 || error.code.includes('Throttl') || isStale(error);
}
