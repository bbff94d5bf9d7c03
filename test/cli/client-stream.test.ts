/** Answers of any size, and files that lie elsewhere. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Client, NoConnection } from '../../cli/client.ts';
import { ServiceError } from '../../core/http-client.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clientOf = (endpoint: string): Client =>
  new Client({ endpoint, accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', region: 'us-east-1' });

async function read(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

test('a file that lies elsewhere is fetched there, by its URL alone', async () => {
  let seen: IncomingMessage['headers'] = {};
  const store = await serve((request, response) => {
    seen = request.headers;
    response.end(`the file at ${request.url}`);
  });
  const door = await serve((_request, response) =>
    response.writeHead(307, { location: `${store}/bucket/key?X-Amz-Signature=abc` }).end(),
  );
  expect(await read(await clientOf(door).stream('GET', '/x/file'))).toBe('the file at /bucket/key?X-Amz-Signature=abc');
  expect(seen.authorization).toBeUndefined();
});

test('what is refused there is refused here', async () => {
  const store = await serve((_request, response) =>
    response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
  );
  const door = await serve((_request, response) => response.writeHead(307, { location: `${store}/key` }).end());
  await expect(clientOf(door).stream('GET', '/x/file')).rejects.toThrow(ServiceError);
});

test('an answer that is cut off is no answer', async () => {
  const door = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half');
    setTimeout(() => response.destroy(), 20);
  });
  await expect(clientOf(door).stream('GET', '/x/file').then(read)).rejects.toThrow();
  await expect(clientOf('http://127.0.0.1:1').stream('GET', '/x/file')).rejects.toThrow(NoConnection);
});
