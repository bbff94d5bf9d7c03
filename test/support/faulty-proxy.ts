/** A proxy before an HTTP endpoint that fails as networks and busy services do, when it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxiedRequest {
  /** The operation: `PutItem`. */
  readonly operation: string;
  readonly body: Record<string, unknown>;
}

/**
 * What becomes of a request: passed on; passed on and the answer lost; or answered without the endpoint.
 * `change` passes on another body.
 */
export type Fate =
  | 'pass'
  | 'lose-answer'
  | { readonly status: number; readonly body: object }
  | { readonly change: object; readonly answer: (answer: Record<string, unknown>) => object };

export interface FaultyProxy {
  readonly url: string;
  readonly requests: ProxiedRequest[];
  /** Decides for each request; passes all on until it is set. */
  decide: (request: ProxiedRequest) => Fate;
  stop(): Promise<void>;
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const requests: ProxiedRequest[] = [];
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    decide: () => 'pass',
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await read(request);
    const proxied = {
      operation: String(request.headers['x-amz-target']).split('.')[1] ?? '',
      body: JSON.parse(text || '{}') as Record<string, unknown>,
    };
    requests.push(proxied);
    const fate = proxy.decide(proxied);
    if (typeof fate === 'object' && 'status' in fate)
      return void response
        .writeHead(fate.status, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify(fate.body));
    const { 'content-length': _length, connection: _connection, host: _host, ...headers } = request.headers;
    const passed = await fetch(target, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: typeof fate === 'object' ? JSON.stringify(fate.change) : text,
    });
    const answer = await passed.text();
    if (fate === 'lose-answer') return void request.socket.destroy();
    response
      .writeHead(passed.status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(
        typeof fate === 'object' ? JSON.stringify(fate.answer(JSON.parse(answer) as Record<string, unknown>)) : answer,
      );
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
