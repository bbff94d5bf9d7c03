/** The service as the agent calls it: signed with the node's role credentials. */
import { signRequest } from '../core/sigv4/sign.ts';
import type { HttpClient} from './http-client.ts';
import { readJsonAnswer, ServiceError, type HttpAnswer } from './http-client.ts';
import type { Registration } from './registration.ts';
import type { RoleCredentials } from './role-credentials.ts';

const targets = { ssm: 'AmazonSSM', ec2messages: 'EC2WindowsMessageDeliveryService' } as const;
/** What the service says of credentials that it does not know (any more). */
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

  /** A JSON 1.1 call. @throws ServiceError, or what the network throws */
  async call<Output = object>(service: keyof typeof targets, operation: string, input: object, options: { readonly timeout?: number; readonly signal?: AbortSignal } = {}): Promise<Output> {
    const url = new URL('/', service === 'ssm' ? this.registration.endpoint : this.registration.nodeEndpoint);
    const body = JSON.stringify(input);
    const answer = await this.#signed(url, service, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${targets[service]}.${operation}` }, body, 'POST', options);
    try {
      return readJsonAnswer<Output>(answer);
    } catch (error) {
      if (error instanceof ServiceError && staleCredentials.includes(error.code)) this.#credentials.invalidate();
      throw error;
    }
  }

  /** A call of ssmmessages: JSON in, XML out. */
  async post(path: string, input: object): Promise<HttpAnswer> {
    return this.#signed(new URL(path, this.registration.nodeEndpoint), 'ssmmessages', { 'content-type': 'application/json' }, JSON.stringify(input), 'POST', {});
  }

  /** The headers of a signed websocket upgrade. */
  async upgradeHeaders(url: URL): Promise<Record<string, string>> {
    return signRequest({ method: 'GET', url: new URL(url.href.replace(/^ws/, 'http')), credentials: await this.#credentials.get(), region: this.registration.region, service: 'ssmmessages' });
  }

  /** The headers of a signed S3 request whose body is streamed unsigned. */
  async s3Headers(method: string, url: URL, headers: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    return signRequest({ method, url, headers, credentials: await this.#credentials.get(), region: this.registration.region, service: 's3', payloadHash: 'UNSIGNED-PAYLOAD' });
  }

  async #signed(url: URL, service: string, headers: Readonly<Record<string, string>>, body: string, method: string, options: { readonly timeout?: number; readonly signal?: AbortSignal }): Promise<HttpAnswer> {
    const signed = signRequest({ method, url, headers, body, credentials: await this.#credentials.get(), region: this.registration.region, service });
    return this.http.send(url, { method, headers: { ...signed, 'content-length': String(Buffer.byteLength(body)) }, body, ...options });
  }
}
