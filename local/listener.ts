/**
 * One port for both protocols. A connection whose first byte is 0x16, the record type of a TLS handshake, is TLS; any
 * other is plain HTTP. Agents need TLS for the gateway, and people use `http://localhost`.
 */
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { StartRefused } from './start-refused.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM. */
  readonly certificate: { readonly key: string; readonly cert: string };
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Whether a client's upgrade request is accepted. If not, it is handled like any other request. */
  readonly takesUpgrade: (request: IncomingMessage) => boolean;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Called for bytes that are not HTTP. Absent: Node sends its own answer. */
  readonly onClientError?: (error: NodeJS.ErrnoException, socket: Duplex) => void;
  /** Called when the server itself fails, for example because too many files are open. It continues to listen. */
  readonly onServerError?: (error: Error) => void;
  /** Milliseconds within which a connection must send its first byte and finish its TLS handshake. Default 30 s. */
  readonly firstByteWithin?: number;
  /** HTTP's limits and time-outs. */
  readonly server?: ServerOptions;
}

export interface Listener {
  readonly port: number;
  /** Replaces the certificate for new connections. */
  useCertificate(certificate: ListenOptions['certificate']): void;
  /**
   * Accepts no new connections, ends each connection after its current request, and cuts off the rest after
   * `graceMilliseconds`.
   */
  close(graceMilliseconds?: number): Promise<void>;
}

/** The address cannot be listened on; the message tells the person at the terminal why. */
export class ListenError extends StartRefused {
  override readonly name = 'ListenError';
}

const tlsHandshake = 0x16;

/** @throws ListenError */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host, onRequest, takesUpgrade, onUpgrade, onClientError, firstByteWithin = 30_000 } = options;
  let closing = false;
  // Longer than the idle time of the SDKs' connection pools, so that the client closes first and never loses a request.
  const http = createServer(
    { keepAliveTimeout: 65_000, noDelay: true, ...options.server, shouldUpgradeCallback: takesUpgrade },
    (request, response) => {
      // Otherwise a client that sends without a pause would be served until it is cut off in the middle of an answer.
      if (closing) response.shouldKeepAlive = false;
      onRequest(request, response);
    },
  );
  http.on('upgrade', onUpgrade);
  if (onClientError !== undefined) http.on('clientError', onClientError);

  // node:http would read every connection as HTTP, so the first byte is looked at before.
  const [speakHttp] = http.listeners('connection') as ((this: typeof http, socket: Duplex) => void)[];
  if (speakHttp === undefined) throw new Error('node:http no longer listens to its own connections');
  http.removeAllListeners('connection');
  const tls = createTlsServer(
    { ...options.certificate, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], handshakeTimeout: firstByteWithin },
    (socket) => speakHttp.call(http, socket),
  );
  tls.on('tlsClientError', (_error, socket) => socket.destroy());

  const sockets = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const giveUp = (): void => void socket.destroy();
    socket.setTimeout(firstByteWithin, giveUp);
    socket.on('error', giveUp);
    // HTTP needs half-open connections. A peer that ends without sending anything (a port probe) is dropped.
    socket.once('end', giveUp);
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.setTimeout(0, giveUp);
      socket.off('timeout', giveUp);
      socket.off('error', giveUp);
      socket.off('end', giveUp);
      socket.unshift(first);
      if (first[0] === tlsHandshake) {
        // The TLS server reads the buffered bytes itself; a resumed socket would lose them.
        tls.emit('connection', socket);
      } else {
        speakHttp.call(http, socket);
        socket.resume();
      }
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ListenError(reason(error, options), { cause: error })),
    );
    http.listen(options.port, host, 1024, resolve);
  });
  // Without a listener, an error of the server would end the process.
  http.on('error', (error) => options.onServerError?.(error));

  return {
    port: (http.address() as AddressInfo).port,
    useCertificate: (certificate) => tls.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' }),
    close: async (graceMilliseconds = 2_000) => {
      closing = true;
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeIdleConnections();
      const cutOff = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMilliseconds);
      await closed;
      clearTimeout(cutOff);
    },
  };
}

function reason(error: NodeJS.ErrnoException, { host, port }: ListenOptions): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken by another program. Stop it, or choose another port with --port (0 takes any free one).`;
    case 'EACCES':
      return `Port ${port} on ${host} may not be used by this user. Ports below 1024 need root: choose another with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: choose another with --host.`;
    default:
      return `Cannot listen on ${host}:${port}: ${error.message}`;
  }
}
