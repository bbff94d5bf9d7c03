import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { patience } from '../support/patience.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCertificates, type Certificates } from '../../local/certificates.ts';
import { listen, ListenError, type Listener, type ListenOptions } from '../../local/listener.ts';

let folder: string;
let certificate: Certificates;
const open: Listener[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'listener-'));
  certificate = await openCertificates(folder, ['127.0.0.1']);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close(0);
});

/** Answers with what it received, over what. */
async function start(port = 0, more: Partial<ListenOptions> = {}): Promise<Listener> {
  const listener = await listen({
    host: '127.0.0.1',
    port,
    certificate,
    onRequest: (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () =>
        response.end(`${'encrypted' in request.socket ? 'tls' : 'plain'} ${Buffer.concat(chunks).length}`),
      );
    },
    takesUpgrade: ({ headers }) => headers.upgrade === 'echo',
    onUpgrade: (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.pipe(socket);
    },
    ...more,
  });
  open.push(listener);
  return listener;
}

function send(url: string, body: Buffer, options: https.RequestOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https') ? https : http).request(
      url,
      { method: 'POST', ...options },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject).end(body);
  });
}

describe('listen', () => {
  test('speaks HTTP and TLS on one port, with small and with large bodies', async () => {
    const { port } = await start();
    const ca = readFileSync(certificate.caFile);
    for (const size of [0, 1, 5_000_000]) {
      const body = Buffer.alloc(size, 7);
      expect(await send(`http://127.0.0.1:${port}/`, body)).toBe(`plain ${size}`);
      expect(await send(`https://127.0.0.1:${port}/`, body, { ca })).toBe(`tls ${size}`);
    }
  });

  test('keeps a connection for many requests', async () => {
    const { port } = await start();
    const ca = readFileSync(certificate.caFile);
    for (const [scheme, agent] of [
      ['http', new http.Agent({ keepAlive: true, maxSockets: 1 })],
      ['https', new https.Agent({ keepAlive: true, maxSockets: 1, ca })],
    ] as const) {
      for (let time = 0; time < 5; time++)
        expect(await send(`${scheme}://127.0.0.1:${port}/`, Buffer.alloc(9), { agent })).toMatch(/ 9$/);
      agent.destroy();
    }
  });

  test.each(['http', 'https'])('hands %s upgrades over', async (scheme) => {
    const { port } = await start();
    const ca = readFileSync(certificate.caFile);
    const echoed = await new Promise<string>((resolve, reject) => {
      const request = (scheme === 'https' ? https : http).request(`${scheme}://127.0.0.1:${port}/`, {
        headers: { connection: 'Upgrade', upgrade: 'echo' },
        ca,
      });
      request.on('upgrade', (_response, socket) => {
        socket.once('data', (data: Buffer) => {
          resolve(data.toString());
          socket.destroy();
        });
        socket.write('hello');
      });
      request.on('error', reject).end();
    });
    expect(echoed).toBe('hello');
  });

  test('a first byte that comes alone is not lost', async () => {
    const { port } = await start();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text));
      socket.setNoDelay(true);
      socket.write('G', () =>
        setTimeout(() => socket.write('ET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), 20),
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  describe('keeps nobody’s connection who', () => {
    /** Resolves when the server has closed the connection; its own end stays open. */
    const closedBy = (port: number, talk: (socket: Socket) => void): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => talk(socket));
        socket
          .on('end', () => resolve(void socket.destroy()))
          .on('error', () => resolve())
          .resume();
      });

    test('leaves without a word', async () => {
      const { port } = await start(0, { firstByteWithin: 60_000 });
      await closedBy(port, (socket) => socket.end());
    });

    test('says nothing', async () => {
      const { port } = await start(0, { firstByteWithin: 50 });
      await closedBy(port, () => undefined);
    });

    test('begins a handshake of TLS and goes no further', async () => {
      const { port } = await start(0, { firstByteWithin: 50 });
      await closedBy(port, (socket) => socket.write(Buffer.from([0x16, 0x03, 0x01])));
    });

    test('sends its headers too slowly', async () => {
      const { port } = await start(0, {
        server: { headersTimeout: 50, requestTimeout: 0, connectionsCheckingInterval: 20 },
      });
      await closedBy(port, (socket) => socket.write('GET / HTTP/1.1\r\nX-Slow: '));
    });
  });

  test('headers without end are cut off', async () => {
    const { port } = await start(0, { server: { maxHeaderSize: 8 * 1024 } });
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const closed = new Promise<void>((resolve) =>
      socket
        .on('data', (data) => (text += data.toString()))
        .on('error', () => resolve())
        .on('close', () => resolve()),
    );
    socket.write(`GET / HTTP/1.1\r\nX-Huge: ${'x'.repeat(64 * 1024)}`);
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('shows a certificate that was made anew to the next connection', async () => {
    const listener = await start();
    const other = await openCertificates(mkdtempSync(path.join(folder, 'other-')), ['127.0.0.1']);
    listener.useCertificate(other);
    expect(await send(`https://127.0.0.1:${listener.port}/`, Buffer.alloc(1), { ca: readFileSync(other.caFile) })).toBe(
      'tls 1',
    );
    await expect(
      send(`https://127.0.0.1:${listener.port}/`, Buffer.alloc(1), { ca: readFileSync(certificate.caFile) }),
    ).rejects.toThrow();
  });

  test('says plainly that the port is taken', async () => {
    const { port } = await start();
    await expect(start(port)).rejects.toThrow(ListenError);
    await expect(start(port)).rejects.toThrow(new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is taken .* --port`));
  });

  test('closing under load, it answers whatever it has taken on, and waits for no grace', async () => {
    let taken = 0;
    const listener = await start(0, {
      onRequest: (request, response) => {
        taken++;
        request.resume().on('end', () => setTimeout(() => response.end('done'), 5));
      },
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    let answered = 0;
    const clients = Array.from({ length: 8 }, async () => {
      try {
        for (;;) {
          await send(`http://127.0.0.1:${listener.port}/`, Buffer.alloc(1), { agent });
          answered++;
        }
      } catch {
        // Refused: it is closed.
      }
    });
    await vi.waitFor(() => expect(taken).toBeGreaterThan(8));
    await listener.close(patience);
    await Promise.all(clients);
    expect(taken).toBeGreaterThan(8);
    expect(answered).toBe(taken);
    agent.destroy();
  });

  test('closes although clients keep their connections, and cuts off an upgraded one after the grace', async () => {
    const listener = await start();
    const agent = new http.Agent({ keepAlive: true });
    await send(`http://127.0.0.1:${listener.port}/`, Buffer.alloc(1), { agent });
    const upgraded = connect(listener.port, '127.0.0.1');
    const gone = new Promise((resolve) => upgraded.once('close', resolve));
    upgraded.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await new Promise((resolve) => upgraded.once('data', resolve));

    await listener.close(50);
    await gone;
    agent.destroy();
  });
});
