/**
 * One port that speaks both: a connection whose first byte is 0x16, the record type of a TLS handshake, is
 * TLS; any other is plain HTTP. Agents insist on TLS for the gateway, and people on `http://localhost`.
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
  /** Whether an upgrade that a client offers is taken up. Where it is not, the request is like any other. */
  readonly takesUpgrade: (request: IncomingMessage) => boolean;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** What comes is no HTTP. Node's own answer when absent. */
  readonly onClientError?: (error: NodeJS.ErrnoException, socket: Duplex) => void;
  /** The server itself fails: no more files can be opened, say. It goes on listening. */
  readonly onServerError?: (error: Error) => void;
  /** Milliseconds that a connection may be silent, or its handshake take. Default 30 s. */
  readonly firstByteWithin?: number;
  /** Limits and time-outs of HTTP. */
  readonly server?: ServerOptions;
}

export interface Listener {
  readonly port: number;
  /** What TLS shows from the next connection on. */
  useCertificate(certificate: ListenOptions['certificate']): void;
  /** Takes no new connections, ends each after its request in flight, and cuts off what is left after so long. */
  close(graceMilliseconds?: number): Promise<void>;
}

/** The address cannot be listened on; the message says why, for the person at the terminal. */
export class ListenError extends StartRefused {
  override readonly name = 'ListenError';
}

const tlsHandshake = 0x16;

/** @throws ListenError */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host, onRequest, takesUpgrade, onUpgrade, onClientError, firstByteWithin = 30_000 } = options;
  let closing = false;
  // Longer than the idle time of the SDKs' connection pools: it must not be us who closes under a request.
  const http = createServer(
    { keepAliveTimeout: 65_000, noDelay: true, ...options.server, shouldUpgradeCallback: takesUpgrade },
    (request, response) => {
      // Who asks without a pause would otherwise be served until cut off in the middle of an answer.
      if (closing) response.shouldKeepAlive = false;
      onRequest(request, response);
    },
  );
  http.on('upgrade', onUpgrade);
  if (onClientError !== undefined) http.on('clientError', onClientError);

  // node:http would read every connection as HTTP: look at the first byte before it does.
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
    // Half-open is allowed for HTTP's sake; whoever leaves without a word (a probe of the port) is gone.
    socket.once('end', giveUp);
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.setTimeout(0, giveUp);
      socket.off('timeout', giveUp);
      socket.off('error', giveUp);
      socket.off('end', giveUp);
      socket.unshift(first);
      if (first[0] === tlsHandshake) {
        // It takes what is buffered itself; a resumed socket would lose it.
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
  // Without a listener an error of the server's would end the process.
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
