/** A node whose control channel is refused polls instead. The real server, behind a proxy that refuses. */
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import {
  CancelCommandCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  clientOf,
  eventually,
  startAgent,
  startServer,
  type AgentProcess,
  type ServerProcess,
} from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
let server: ServerProcess;
let client: SSMClient;
let agent: AgentProcess;
let proxy: Server;
/** What the agent asked for at the nodes' door. */
const asked: string[] = [];

beforeAll(async () => {
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  client = clientOf(server.connection, 3);
  proxy = createServer((incoming, outgoing) => {
    asked.push(String(incoming.headers['x-amz-target'] ?? incoming.url));
    if (incoming.url?.startsWith('/v1/control-channel/'))
      return void outgoing.writeHead(400).end('<AccessDeniedException><Message>no</Message></AccessDeniedException>');
    // The signature covers the host, which goes through as it came.
    const { hostname, port, protocol } = new URL(server.connection.nodeEndpoint);
    const options = {
      hostname,
      port,
      path: incoming.url,
      method: incoming.method,
      headers: incoming.headers,
      ca: readFileSync(server.connection.caFile),
    };
    const forwarded = (protocol === 'https:' ? tlsRequest : httpRequest)(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
  const nodeEndpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  agent = await startAgent(client, { ...server.connection, nodeEndpoint }, path.join(folder, 'agent'));
});
afterAll(async () => {
  await agent.kill('SIGTERM');
  proxy.close();
  proxy.closeAllConnections();
  await server.kill('SIGTERM');
  remove();
});

async function send(commands: string[]): Promise<string> {
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [agent.nodeId],
      Parameters: { commands },
    }),
  );
  return Command!.CommandId!;
}
const get = (CommandId: string) =>
  client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: agent.nodeId }));
const end = (id: string) =>
  eventually('the end', async () =>
    ['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes((await get(id)).Status!) ? undefined : get(id),
  );

test('commands come and go by ec2messages, cancels too', async () => {
  expect(await end(await send(['echo polled', 'exit 3']))).toMatchObject({
    Status: 'Failed',
    ResponseCode: 3,
    StandardOutputContent: 'polled\n',
  });
  const id = await send(['sleep 60']);
  await eventually('the command to run', async () => ((await get(id)).Status === 'InProgress' ? true : undefined));
  await client.send(new CancelCommandCommand({ CommandId: id }));
  expect(await end(id)).toMatchObject({ Status: 'Cancelled', ResponseCode: 137 });
  for (const operation of ['GetMessages', 'AcknowledgeMessage', 'SendReply'])
    expect(asked).toContain(`EC2WindowsMessageDeliveryService.${operation}`);
});
