/**
 * Run Command over the wire: GetCommandInvocation as a part of the floor, and SendCommand followed at once by
 * GetCommandInvocation, a thousand times.
 *
 *   npm run bench -- commands [SECONDS]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
// @ts-expect-error it has no types
import untyped from 'autocannon';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { clientOf, eventually, startAgent, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

interface Load {
  readonly non2xx: number;
  readonly errors: number;
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
}
const autocannon = untyped as (options: object) => Promise<Load>;

const seconds = Number(process.argv[2] ?? 3);
const rounds = 4;
const connections = 16;

async function load(endpoint: string, target: string, body: string, credentials: Credentials): Promise<Load> {
  const headers = signRequest({
    method: 'POST',
    url: `${endpoint}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body,
    credentials,
    region: 'us-east-1',
    service: 'ssm',
  });
  const result = await autocannon({
    url: `${endpoint}/`,
    method: 'POST',
    headers,
    body,
    connections,
    duration: seconds,
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${target}: ${result.non2xx} answers were refusals, ${result.errors} requests failed`);
  return result;
}

/** Milliseconds of processor time that a process has spent so far. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  // The kernel's ticks are hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Rate, and microseconds of the server's processor time a request: those other programs do not change. */
async function measure(
  pid: number,
  ...[endpoint, target, body, credentials]: Parameters<typeof load>
): Promise<{ rate: number; cost: number; p99: number }> {
  const before = processorTime(pid);
  const { requests, latency } = await load(endpoint, target, body, credentials);
  return { rate: requests.average, cost: ((processorTime(pid) - before) * 1000) / requests.total, p99: latency.p99 };
}

const { folder, remove } = temporaryFolder();
const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
const { connection } = server;
const client = clientOf(connection);
const agent = await startAgent(client, connection, path.join(folder, 'agent'));
const floor = fork(path.join(import.meta.dirname, 'serve.ts'), ['floor'], { stdio: 'inherit' });
const [{ port, credentials }] = (await once(floor, 'message')) as [{ port: number; credentials: Credentials }];
try {
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [agent.nodeId],
      Parameters: { commands: ['uptime'] },
    }),
  );
  const which = { CommandId: Command!.CommandId!, InstanceId: agent.nodeId };
  await eventually('the command', async () =>
    (await client.send(new GetCommandInvocationCommand(which))).Status === 'Success' ? true : undefined,
  );
  // Its commands are not what is measured.
  await agent.kill('SIGTERM');

  const best = { floor: Infinity, get: Infinity };
  for (let round = 0; round <= rounds; round++) {
    const bare = await measure(
      floor.pid!,
      `http://127.0.0.1:${port}`,
      'AmazonSSM.GetParameter',
      '{"Name":"a"}',
      credentials,
    );
    const ours = await measure(
      server.pid,
      connection.endpoint,
      'AmazonSSM.GetCommandInvocation',
      JSON.stringify(which),
      connection,
    );
    // The first round warms both up.
    if (round === 0) continue;
    console.log(
      `floor ${bare.cost.toFixed(1)} µs (${bare.rate.toFixed(0)}/s), GetCommandInvocation ${ours.cost.toFixed(1)} µs (${ours.rate.toFixed(0)}/s, p99 ${ours.p99} ms)`,
    );
    best.floor = Math.min(best.floor, bare.cost);
    best.get = Math.min(best.get, ours.cost);
  }
  console.log(
    `GetCommandInvocation: ${((100 * best.floor) / best.get).toFixed(0)} % of the floor, by processor time a request (${connections} connections, best of ${rounds} rounds of ${seconds} s)`,
  );

  const times = 1000;
  const began = performance.now();
  for (let count = 0; count < times; count++) {
    const sent = await client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [agent.nodeId],
        Parameters: { commands: ['true'] },
      }),
    );
    await client.send(
      new GetCommandInvocationCommand({ CommandId: sent.Command!.CommandId!, InstanceId: agent.nodeId }),
    );
  }
  console.log(
    `SendCommand and at once GetCommandInvocation, ${times} times: every invocation was there; ${(times / ((performance.now() - began) / 1000)).toFixed(0)} pairs/s, one after another`,
  );
} finally {
  floor.kill();
  await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
}
