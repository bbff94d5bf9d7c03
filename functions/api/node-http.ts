/** Converts node:http's requests and responses for the front door. */
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Files } from '../../core/files.ts';
import type { ExtensionResponse, HttpRequest } from '../../core/http.ts';
import { Deadlines } from './deadlines.ts';
import { sendStream } from './stored-file.ts';

/**
 * Bytes of a body that is too large, read before the answer: most clients read only after they have sent everything.
 */
const drained = 64 * 1024 * 1024;

export interface NodeHttpOptions {
  /** The most bytes of a body. A longer one is cut to one byte more, and the API refuses it. */
  readonly longestBody: number;
  /** The store of answers that are stored files. */
  readonly files?: Files;
  /** Whether a peer is a privileged process on this machine: {@link HttpRequest.fromServiceMachine}. */
  readonly isOnServiceMachine?: (socket: IncomingMessage['socket']) => Promise<boolean>;
  /** The most bytes of all bodies that are not complete yet. The request that exceeds it is cut off. Default 256 MB. */
  readonly mostUnfinished?: number;
}

/** Milliseconds within which a body must arrive. */
const bodyWithin = 120_000;
const slowBodies = new Deadlines<IncomingMessage>(bodyWithin, () => new Error('the body takes too long'));

/**
 * The options for `http.createServer`: headers of any reasonable client fit, and slow headers are cut off. Bodies have
 * no time limit here, because a file takes as long as its bytes flow (functions/files-door); an API call has {@link
 * bodyWithin}.
 */
export const serverOptions: ServerOptions = {
  maxHeaderSize: 64 * 1024,
  requestTimeout: 0,
  headersTimeout: 30_000,
  keepAliveTimeout: 65_000,
};

/**
 * A listener of `request`. It reads a body to its end, also a chunked one: a client that is still sending would see a
 * broken connection instead of an early answer.
 */
export function nodeHttpListener(
  handle: (request: HttpRequest) => Promise<ExtensionResponse>,
  { longestBody, files, isOnServiceMachine, mostUnfinished = 256 * 1024 * 1024 }: NodeHttpOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const unfinished: Unfinished = { bytes: 0, most: mostUnfinished };
  return (incoming, outgoing) => {
    const fromServiceMachine = isOnServiceMachine && (() => isOnServiceMachine(incoming.socket));
    noteUnanswered(outgoing);
    readBody(incoming, longestBody, unfinished)
      .then(async (body) => send(outgoing, await handle({ ...toRequest(incoming, body), fromServiceMachine }), files))
      .catch(() => outgoing.destroy());
  };
}

/** For each connection, the answers that are not sent yet. */
const unanswered = new WeakMap<Duplex, Set<ServerResponse>>();

/** Notes that a request must be answered, for {@link answerClientError}. */
export function noteUnanswered(outgoing: ServerResponse): void {
  const { socket } = outgoing.req;
  const answers = unanswered.get(socket) ?? new Set();
  unanswered.set(socket, answers.add(outgoing));
  outgoing.once('close', () => answers.delete(outgoing));
}

/**
 * A listener of `clientError`: bytes that are not HTTP get an HTTP answer. Requests before them on the same connection
 * are performed and answered first.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const answers = [...(unanswered.get(socket) ?? [])].filter(({ req }) => req.complete);
  if (answers.length > 0) {
    for (const answer of answers) answer.shouldKeepAlive = false;
    const sent = answers.map((answer) => new Promise((resolve) => answer.once('close', resolve)));
    return void Promise.all(sent).then(() => socket.end());
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  const body = '{"message":"The request is not valid HTTP."}';
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

export function toRequest(incoming: IncomingMessage, body: Uint8Array): HttpRequest {
  const url = pathAndQuery(incoming.url ?? '/');
  const mark = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: headersOf(incoming.rawHeaders),
    body,
    sourceIp: incoming.socket.remoteAddress ?? '',
  };
}

/** Clients of a proxy send the absolute form. */
function pathAndQuery(url: string): string {
  if (url.startsWith('/')) return url;
  const path = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*(.*)$/is.exec(url)?.[1] ?? '';
  return path.startsWith('/') ? path : `/${path}`;
}

/** Made from the raw headers, because Node drops some repeated headers, and a signature covers them. */
function headersOf(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const value = raw[at + 1] ?? '';
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before},${value}`;
  }
  return headers;
}

/** No signature is verified yet: a stranger with a thousand connections must not fill the memory. */
interface Unfinished {
  bytes: number;
  readonly most: number;
}

const empty = new Uint8Array(0);

function readBody(incoming: IncomingMessage, longestBody: number, unfinished: Unfinished): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let held = 0;
    const done = (): void => {
      slowBodies.delete(incoming);
      unfinished.bytes -= held;
      held = 0;
    };
    slowBodies.add(incoming, reject);
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= longestBody) {
        chunks.push(chunk);
        held += chunk.length;
        unfinished.bytes += chunk.length;
        if (unfinished.bytes > unfinished.most) reject(new Error('too many bodies at once'));
      } else {
        chunks.length = 0;
        unfinished.bytes -= held;
        held = 0;
        // Answered early; the rest is read until the client is done or out of time.
        if (length > drained) resolve(new Uint8Array(longestBody + 1));
      }
    });
    incoming.on('end', () => {
      done();
      if (length > longestBody) resolve(new Uint8Array(longestBody + 1));
      else resolve(chunks.length === 0 ? empty : chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    // A client that disconnects in the middle of its body also causes an error here.
    incoming.on('error', (error) => {
      done();
      reject(error);
    });
  });
}

function send(
  outgoing: ServerResponse,
  { status, headers, body }: ExtensionResponse,
  files: Files | undefined,
): Promise<void> | undefined {
  if (typeof body !== 'string' && !(body instanceof Uint8Array))
    return sendStream(outgoing, { status, headers, body }, files);
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  outgoing.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': bytes });
  // A string is sent in one write with the head; bytes would need a second write. When there are as many bytes as
  // characters, the text is ASCII, which is cheap to copy.
  if (outgoing.req.method === 'HEAD' || status === 204) outgoing.end();
  else outgoing.end(body, bytes === body.length ? 'latin1' : 'utf8');
  return undefined;
}
