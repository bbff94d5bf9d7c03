/** Refuses an upgrade: node:http leaves the answer on the bare socket to us. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpResponse } from '../../core/http.ts';

/** Sends the refusal and closes the socket. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: HttpResponse): void {
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
  socket.end(body);
}
