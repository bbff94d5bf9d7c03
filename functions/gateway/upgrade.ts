/** An upgrade of node:http as the door reads it, and its refusal. */
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';

/** The request of an upgrade: it has no body. */
export function upgradeRequest(request: IncomingMessage): HttpRequest {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headersDistinct)) if (value !== undefined) headers[name] = value.join(',');
  return {
    method: request.method ?? 'GET',
    path: question < 0 ? url : url.slice(0, question),
    query: question < 0 ? '' : url.slice(question + 1),
    headers,
    body: new Uint8Array(),
    sourceIp: request.socket.remoteAddress ?? '',
  };
}

/** Answers an upgrade with what it is refused for, and closes. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: HttpResponse): void {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${typeof body === 'string' ? body : Buffer.from(body).toString('latin1')}`);
}
