/**
 * How many nodes one gateway holds: connects so many control channels from a second process, waits a round,
 * and says what it costs. `node test/bench/connections.ts [nodes]`
 */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import WebSocket from 'ws';
import { decodeFrame, encodeFrame } from '../../core/agent-protocol/frame.ts';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { longestBody } from '../../functions/api/api.ts';
import { nodeHttpListener } from '../../functions/api/node-http.ts';
import { createGateway } from '../../functions/gateway/gateway.ts';
import { messageWrite } from '../../functions/nodes/index.ts';
import { issueKey } from '../../core/access-keys.ts';
import { testContext } from '../support/context.ts';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';

const [role, argument] = process.argv.slice(2);
if (role === 'nodes') await beNodes(argument ?? '');
else await beGateway(Number(role ?? 2_000));

async function beGateway(count: number): Promise<void> {
  const fixture = testContext();
  const { context } = fixture;
  let delivered = 0;
  const gateway = await createGateway({
    context,
    renderers: { command: async () => ({ topic: 'aws.ssm.sendCommand', content: '{}' }) },
    recordDelivery: async () => void delivered++,
    recordDelay: async () => undefined,
    recordReply: async () => undefined,
  });
  const server = createServer(nodeHttpListener((request) => gateway.handle(request), { longestBody }));
  server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));

  const nodes: { nodeId: string; credentials: Credentials }[] = [];
  for (let number = 0; number < count; number++) {
    const nodeId = await makeNode(context);
    const { writes, ...credentials } = await issueKey(context, {
      owner: { kind: 'node', nodeId },
      expiresAt: Date.now() + 3_600_000,
    });
    await context.state.transact(writes);
    nodes.push({ nodeId, credentials });
  }
  const file = path.join(fixture.folder, 'nodes.json');
  writeFileSync(file, JSON.stringify({ port: (server.address() as AddressInfo).port, nodes }));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  const child = fork(import.meta.filename, ['nodes', file]);
  await new Promise((resolve) => child.once('message', resolve));
  const connected = performance.now() - begun;
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  globalThis.gc?.();
  const after = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const rounds = 45_000;
  await new Promise((resolve) => setTimeout(resolve, rounds));
  const used = process.cpuUsage(cpu);
  const wakes = performance.now();
  for (const { nodeId } of nodes) {
    await context.state.write(
      messageWrite({ nodeId, messageId: `aws.ssm.${crypto.randomUUID()}.${nodeId}`, kind: 'command', reference: {} }),
    );
    context.mailbox.wake(nodeId);
  }
  while (delivered < count) await new Promise((resolve) => setTimeout(resolve, 10));
  const spread = performance.now() - wakes;
  console.log(
    `${count} nodes connected in ${(connected / 1000).toFixed(1)} s; ${((after - before) / count / 1024).toFixed(1)} kB of RSS each (${(after / 1e6).toFixed(0)} MB in all)`,
  );
  console.log(
    `idle, with rounds of 30 s: ${(((used.user + used.system) / 1000 / rounds) * 100).toFixed(1)} % of a core; a message to each, acknowledged: ${(spread / 1000).toFixed(1)} s`,
  );
  child.kill();
  await gateway.close();
  server.closeAllConnections();
  server.close();
  await fixture.close();
}

async function beNodes(file: string): Promise<void> {
  const { readFileSync } = await import('node:fs');
  const { port, nodes } = JSON.parse(readFileSync(file, 'utf8')) as {
    port: number;
    nodes: { nodeId: string; credentials: Credentials }[];
  };
  const connect = async ({ nodeId, credentials }: (typeof nodes)[number]): Promise<void> => {
    const url = `http://127.0.0.1:${port}/v1/control-channel/${nodeId}`;
    const sign = (method: string, body: string): Record<string, string> =>
      signRequest({ method, url, body, credentials, region: 'us-east-1', service: 'ssmmessages' });
    const answer = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: Object.fromEntries(Object.entries(sign('POST', '{}')).filter(([name]) => name !== 'host')),
    });
    const token = /<TokenValue>(.*)<\/TokenValue>/.exec(await answer.text())?.[1];
    const socket = new WebSocket(url.replace('http', 'ws'), { headers: sign('GET', ''), perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('message', (data) => {
      const job = JSON.parse(decodeFrame(data as Buffer).payload.toString()) as { JobId: string };
      socket.send(
        encodeFrame({
          messageType: 'agent_job_ack',
          messageId: crypto.randomUUID(),
          createdDate: Date.now(),
          payload: Buffer.from(JSON.stringify({ jobId: job.JobId, statusCode: '200' })),
        }),
      );
    });
    socket.send(JSON.stringify({ TokenValue: token }));
  };
  const rest = [...nodes];
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      for (let node = rest.pop(); node !== undefined; node = rest.pop()) await connect(node);
    }),
  );
  process.send?.('connected');
}
