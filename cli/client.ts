/** A signed client of what lives under /x/. */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
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
  async call<Answer extends object>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
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
    const parsed = parse(answer.text);
    if (answer.status >= 200 && answer.status < 300) return parsed as Answer;
    const { message, Message } = parsed as { readonly message?: string; readonly Message?: string };
    throw new ApiFailure(answer.errorType ?? `HTTP ${answer.status}`, answer.status, message ?? Message ?? '');
  }

  #send(url: URL, method: string, headers: Record<string, string>, text: string): Promise<{ status: number; errorType: string | undefined; text: string }> {
    const { caFile } = this.#connection;
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const ca = url.protocol === 'https:' && caFile !== undefined ? { ca: readFileSync(caFile) } : {};
    return new Promise((resolve, reject) => {
      const request = send(url, { method, headers, ...ca }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const errorType = response.headers['x-amzn-errortype'];
          resolve({ status: response.statusCode ?? 0, errorType: Array.isArray(errorType) ? errorType[0] : errorType, text: Buffer.concat(chunks).toString() });
        });
      });
      request.on('error', (error) => reject(new NoConnection(`${url.origin} does not answer: ${error.message}`, { cause: error })));
      request.end(text);
    });
  }
}

function parse(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
