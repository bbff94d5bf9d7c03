/** A signed client of the extensions under /x/ and of ssm's operations. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient, ServiceError, serviceError } from '../core/http-client.ts';
import { signRequest } from '../core/sigv4/sign.ts';
import type { Connection } from './connection.ts';

/** Flotilla could not be reached; the message says what to set. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface ClientOptions {
  /** The most connections at once; more calls wait. Default: no limit. */
  readonly maxConnections?: number;
  /** Milliseconds that a call may take. Default, and 0: no limit. */
  readonly timeoutMs?: number;
}

/** Errors after which a call may be repeated later: nothing was done. */
const throttled: readonly string[] = ['ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'TooManyUpdates'];
const mostAttempts = 8;

export class Client {
  readonly #connection: Connection;
  readonly #http: HttpClient;
  readonly #timeoutMs: number;

  constructor(connection: Connection, { maxConnections = Infinity, timeoutMs = 0 }: ClientOptions = {}) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    const caFile = connection.endpoint.startsWith('https:') ? connection.caFile : undefined;
    this.#http = new HttpClient(caFile, { maxSockets: maxConnections });
  }

  /**
   * Calls an operation of ssm (JSON 1.1), at Flotilla or at AWS. A throttled call is repeated up to 8 times.
   * @param input timestamps as epoch seconds, blobs as base64
   * @throws ServiceError, NoConnection
   */
  async ssm<Answer extends object>(operation: string, input: object): Promise<Answer> {
    const text = JSON.stringify(input);
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${operation}` };
    for (let attempt = 1; ; attempt++) {
      try {
        return this.#modelled<Answer>(
          await textOf(
            await accepted(await this.#signed('POST', new URL('/', this.#connection.endpoint), 'ssm', headers, text)),
          ),
        );
      } catch (error) {
        if (!(error instanceof ServiceError && throttled.includes(error.code)) || attempt === mostAttempts) throw error;
        // Full jitter, so that clients that were throttled together do not retry together.
        await sleep(Math.random() * Math.min(5000, 100 * 2 ** attempt));
      }
    }
  }

  /** @throws NoConnection for what is no answer of the API, so that half a list is never taken for a whole one */
  #modelled<Answer extends object>(text: string): Answer {
    try {
      return JSON.parse(text) as Answer;
    } catch (error) {
      throw new NoConnection(`${this.#connection.endpoint} answers, but not as Systems Manager does`, { cause: error });
    }
  }

  /**
   * Calls an extension.
   * @param path with its query, encoded: `/x/keys`
   * @returns the parsed answer
   * @throws ServiceError, NoConnection
   */
  async call<Answer extends object>(method: Method, path: string, body?: object): Promise<Answer> {
    return parse(await textOf(await this.stream(method, path, body))) as Answer;
  }

  /**
   * Calls an extension whose answer may have any size.
   * @param path with its query, encoded
   * @returns the answer as a stream: read it or destroy it. It fails when the connection is cut
   * @throws ServiceError, NoConnection
   */
  async stream(method: Method, path: string, body?: object): Promise<IncomingMessage> {
    const url = new URL(path, this.#connection.endpoint);
    const answer = await this.#signed(
      method,
      url,
      'flotilla',
      { 'content-type': 'application/json' },
      body === undefined ? '' : JSON.stringify(body),
    );
    const { statusCode: status = 0, headers: answerHeaders } = answer;
    // A redirect to a file: its URL is presigned, so our signature must not be sent there.
    if (status === 307 && answerHeaders.location !== undefined)
      return accepted(await this.#send(new URL(answerHeaders.location, url), 'GET', {}, ''));
    return accepted(answer);
  }

  #signed(
    method: Method,
    url: URL,
    service: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<IncomingMessage> {
    const { region, accessKeyId, secretAccessKey, sessionToken } = this.#connection;
    const sent = { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    return this.#send(
      url,
      method,
      signRequest({
        method,
        url,
        headers: sent,
        body,
        credentials: { accessKeyId, secretAccessKey, sessionToken },
        region,
        service,
      }),
      body,
    );
  }

  #send(url: URL, method: string, headers: Record<string, string>, text: string): Promise<IncomingMessage> {
    const { endpoint } = this.#connection;
    const options = {
      method,
      headers,
      // The target of a redirect is not the service, so the machine's own trust is used.
      web: url.origin !== new URL(endpoint).origin,
      ...(this.#timeoutMs === 0 ? {} : { signal: AbortSignal.timeout(this.#timeoutMs) }),
    };
    return new Promise((resolve, reject) => {
      const request = this.#http.open(url, options, resolve);
      request.on('error', (error) =>
        reject(new NoConnection(`${url.origin} does not answer: ${error.message}`, { cause: error })),
      );
      request.end(text);
    });
  }
}

/** @throws ServiceError */
async function accepted(answer: IncomingMessage): Promise<IncomingMessage> {
  const { statusCode: status = 0, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  throw serviceError(status, headers, await textOf(answer));
}

/** @throws NoConnection for an answer that is cut off */
async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new NoConnection(`the answer was cut off: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
