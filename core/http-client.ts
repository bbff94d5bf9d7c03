/**
 * The HTTP client of the agent, the simulated nodes and the command line. It uses node:http and node:https, because
 * they are small and can stream.
 */
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  Agent as PlainAgent,
  request as plainRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';

/** The service answered with an error. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** `InvalidActivation`; the HTTP status where the answer has no code. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message === '' ? code : `${code}: ${message}`);
    this.code = code;
    this.status = status;
  }
}

/** The error codes that a node gets when the service does not know it, or no longer knows it. */
export const refusals: readonly string[] = [
  'AccessDeniedException',
  'MachineFingerprintDoesNotMatch',
  'InvalidInstanceId',
];

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers are small, except for documents and lists. */
const largestAnswer = 8 * 1024 * 1024;
const defaultTimeout = 30_000;

export class HttpClient {
  /**
   * The trust for the service: only the CA file, where there is one. It is made once, because a context with all public
   * CAs takes megabytes for every connection.
   */
  readonly secureContext: SecureContext | undefined;
  readonly #plain: PlainAgent;
  readonly #tls: TlsAgent;
  /** For other hosts, with the machine's own trust. */
  readonly #web = new TlsAgent();

  /**
   * @param caFile PEM; absent: the machine's own trust is used for the service too
   * @param options.maxSockets the most connections at once; more requests wait
   * @example new HttpClient('/etc/flotilla/ca.pem').send(new URL('https://flotilla:8555/health'), { method: 'GET',
   * headers: {} })
   */
  constructor(caFile?: string, { maxSockets = 16 }: { readonly maxSockets?: number } = {}) {
    this.#plain = new PlainAgent({ keepAlive: true, maxSockets });
    this.secureContext = caFile === undefined ? undefined : createSecureContext({ ca: readFileSync(caFile, 'utf8') });
    this.#tls = new TlsAgent({ keepAlive: true, maxSockets, secureContext: this.secureContext });
  }

  /**
   * Sends a request and reads the whole answer.
   * @param options.file a body read from the disk: `size` bytes, beginning at `from`, even when the file grows
   * meanwhile
   * @param options.web the URL is not the service's, so the machine's own trust is used
   */
  send(
    url: URL,
    options: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
      readonly file?: FileBody;
      readonly timeout?: number;
      readonly signal?: AbortSignal;
      readonly web?: boolean;
    },
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const request = this.open(url, options, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > largestAnswer) response.destroy(new Error(`the answer has more than ${largestAnswer} bytes`));
          else chunks.push(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on('error', reject);
      });
      request.setTimeout(options.timeout ?? defaultTimeout, () =>
        request.destroy(new Error(`no answer within ${options.timeout ?? defaultTimeout} ms`)),
      );
      request.on('error', reject);
      if (options.file === undefined) request.end(options.body);
      else
        sendFile(options.file, request).catch((error: Error) => {
          request.destroy(error);
          reject(error);
        });
    });
  }

  /**
   * Sends a request and gives the answer as a stream.
   * @param options.web the URL is not the service's, so the machine's own trust is used
   */
  open(
    url: URL,
    options: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
      readonly web?: boolean;
    },
    onResponse: (response: IncomingMessage) => void,
  ) {
    const tls = url.protocol === 'https:';
    const settings: RequestOptions = {
      method: options.method,
      headers: options.headers,
      agent: tls ? (options.web ? this.#web : this.#tls) : this.#plain,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    };
    return tls ? tlsRequest(url, settings, onResponse) : plainRequest(url, settings, onResponse);
  }

  /** Calls an operation of the JSON 1.1 protocol without a signature. */
  async callUnsigned<Output>(endpoint: string, target: string, input: object): Promise<Output> {
    const body = JSON.stringify(input);
    const answer = await this.send(new URL('/', endpoint), {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': target,
        'content-length': String(Buffer.byteLength(body)),
      },
      body,
    });
    return readJsonAnswer<Output>(answer);
  }

  close(): void {
    this.#plain.destroy();
    this.#tls.destroy();
    this.#web.destroy();
  }
}

const chunkBytes = 256 * 1024;

interface FileBody {
  readonly path: string;
  /** Bytes; default 0. */
  readonly from?: number;
  readonly size: number;
}

/** All chunks use one buffer. A stream would allocate a new one for each chunk of a large file. */
async function sendFile({ path, from = 0, size }: FileBody, request: ClientRequest): Promise<void> {
  const handle = await open(path);
  // A request that ends early does not call the callbacks of its pending writes.
  const closed = new Promise<never>((_, reject) =>
    request.once('close', () => reject(new Error('the connection was closed'))),
  );
  closed.catch(() => undefined);
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    for (let at = 0; at < size;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(chunkBytes, size - at), from + at);
      if (bytesRead === 0) throw new Error(`${path} has become shorter`);
      at += bytesRead;
      // The callback says that the chunk is written. Only then may the buffer be used again.
      const written = new Promise<void>((resolve, reject) =>
        request.write(buffer.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve())),
      );
      await Promise.race([written, closed]);
    }
    request.end();
  } finally {
    await handle.close();
  }
}

/**
 * Parses the JSON of an answer.
 * @throws ServiceError where the service answered with an error, or with something that is not JSON
 */
export function readJsonAnswer<Output>(answer: HttpAnswer): Output {
  const text = answer.body.toString();
  if (answer.status >= 300) throw serviceError(answer.status, answer.headers, text);
  try {
    return (text === '' ? {} : JSON.parse(text)) as Output;
  } catch {
    throw new ServiceError(String(answer.status), answer.status, text.slice(0, 200));
  }
}

/**
 * The error of an answer. The code is in a header or in the body; AWS's code may have a namespace before it and a URL
 * behind it.
 */
export function serviceError(status: number, headers: IncomingMessage['headers'], text: string): ServiceError {
  const { __type: inBody, message, Message } = errorMembers(text);
  const inHeader = headers['x-amzn-errortype'];
  const code = [inHeader, inBody].flat().find((one) => typeof one === 'string' && one !== '') as string | undefined;
  const words = [message, Message].find((one) => typeof one === 'string');
  return new ServiceError(
    code?.split(':')[0]?.split('#').at(-1) ?? `HTTP ${status}`,
    status,
    // An HTML page is no useful message.
    words ?? (code === undefined && !text.trimStart().startsWith('<') ? text.slice(0, 200) : ''),
  );
}

/** A body that is not JSON has no members. */
function errorMembers(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
