/**
 * A proxy before AWS's stand-in that knows what a function does after it has answered: Lambda freezes it then, and
 * calls that are under way, or begun later, are lost.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FreezingProxy {
  readonly url: string;
  /**
   * Refuses every call for some turns of the loop, as if the function were frozen.
   * @returns what the function did not wait for: calls that were under way, and those begun meanwhile
   */
  freeze(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Turns of the loop in which work that nobody awaits would go on. */
const turns = 50;

export async function startFreezingProxy(target: string): Promise<FreezingProxy> {
  const { hostname, port } = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  const underWay = new Set<string>();
  let calls = 0;
  let frozen: string[] | undefined;
  const server = http.createServer((request, response) => {
    const name = `${calls++} ${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-amz-target'])}`;
    if (frozen !== undefined) {
      frozen.push(name);
      return void request.socket.destroy();
    }
    underWay.add(name);
    response.once('close', () => underWay.delete(name));
    const passed = http.request(
      { hostname, port, agent, method: request.method, path: request.url, headers: request.headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)),
    );
    passed.once('error', () => request.socket.destroy());
    // It was received whole, so the function's call is over, even where the stream closes a turn later.
    response.once('finish', () => underWay.delete(name));
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    freeze: async () => {
      const left = (frozen = [...underWay]);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      frozen = undefined;
      return left;
    },
    stop: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
