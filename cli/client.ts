/** A signed client of what lives under /x/. */
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { signRequest } from '../core/sigv4/sign.ts';
import type { Connection } from './connection.ts';

/** Flotilla answered with an error. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message === '' ? code : `${code}: ${message}`);
    this.code = code;
    this.status = status;
  }
}

/** There is nobody to talk to; the message says what to set. */
export class NoConnection extends Error {
  override readonly name = 'NoConnection';
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export class Client {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * @param path with its query, encoded: `/x/keys`
   * @returns the parsed answer
   * @throws ApiFailure, NoConnection
   */
  async call<Answer extends object>(method: Method, path: string, body?: object): Promise<Answer> {
    return parse(await textOf(await this.stream(method, path, body))) as Answer;
  }

  /**
   * @param path with its query, encoded
   * @returns the answer as it comes, of any size: read it or destroy it. It fails when it is cut off
   * @throws ApiFailure, NoConnection
   */
  async stream(method: Method, path: string, body?: object): Promise<IncomingMessage> {
    const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = this.#connection;
    const url = new URL(path, endpoint);
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = signRequest({
      method,
      url,
      headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) },
      body: text,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      region,
      service: 'flotilla',
    });
    const answer = await this.#send(url, method, headers, text);
    const { statusCode: status = 0, headers: told } = answer;
    // A file: where it lies the URL itself lets in, and our signature is nobody's business.
    if (status === 307 && told.location !== undefined) return accepted(await this.#send(new URL(told.location, url), 'GET', {}, ''));
    return accepted(answer);
  }

  #send(url: URL, method: string, headers: Record<string, string>, text: string): Promise<IncomingMessage> {
    const { caFile } = this.#connection;
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const ca = url.protocol === 'https:' && caFile !== undefined ? { ca: readFileSync(caFile) } : {};
    return new Promise((resolve, reject) => {
      const request = send(url, { method, headers, ...ca }, resolve);
      request.on('error', (error) => reject(new NoConnection(`${url.origin} does not answer: ${error.message}`, { cause: error })));
      request.end(text);
    });
  }
}

/** @throws ApiFailure */
async function accepted(answer: IncomingMessage): Promise<IncomingMessage> {
  const { statusCode: status = 0, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  const { message, Message } = parse(await textOf(answer)) as { readonly message?: string; readonly Message?: string };
  const errorType = headers['x-amzn-errortype'];
  throw new ApiFailure((Array.isArray(errorType) ? errorType[0] : errorType) ?? `HTTP ${status}`, status, message ?? Message ?? '');
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parse(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
