/**
 * The list of nodes over the wire: pages of 50 of DescribeInstanceInformation, all of a fleet's in turn, with and
 * without filters.
 *
 *   npm run bench -- nodes [NODES [SECONDS]]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { SSMClient, paginateDescribeInstanceInformation } from '@aws-sdk/client-ssm';
// @ts-expect-error it has no types
import untyped from 'autocannon';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';

interface Load {
  readonly non2xx: number;
  readonly errors: number;
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
}
const autocannon = untyped as (options: object) => Promise<Load>;

const [count = 1_000, seconds = 3] = process.argv.slice(2).map(Number);
const rounds = 4;
const MaxResults = 50;

const server = fork(path.join(import.meta.dirname, 'serve.ts'), ['nodes', String(count)], { stdio: 'inherit' });
const [{ port, credentials }] = (await once(server, 'message')) as [{ port: number; credentials: Credentials }];
const endpoint = `http://127.0.0.1:${port}`;
const client = new SSMClient({ endpoint, region: 'us-east-1', credentials });

async function spent(): Promise<number> {
  server.send('cost');
  const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage];
  return user + system;
}

/** The request of every page of a list. */
async function pagesOf(input: object): Promise<string[]> {
  const bodies: string[] = [];
  let NextToken: string | undefined;
  for await (const page of paginateDescribeInstanceInformation({ client, pageSize: MaxResults }, input)) {
    bodies.push(JSON.stringify({ ...input, MaxResults, NextToken }));
    NextToken = page.NextToken;
  }
  return bodies;
}

async function measure(what: string, input: object): Promise<void> {
  const bodies = await pagesOf(input);
  const requests = bodies.map((body) => ({
    method: 'POST',
    path: '/',
    body,
    headers: signRequest({
      method: 'POST',
      url: `${endpoint}/`,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonSSM.DescribeInstanceInformation',
      },
      body,
      credentials,
      region: 'us-east-1',
      service: 'ssm',
    }),
  }));
  let best = { rate: 0, cost: Infinity, p99: 0 };
  for (let round = 0; round <= rounds; round++) {
    const before = await spent();
    const {
      non2xx,
      errors,
      requests: sent,
      latency,
    } = await autocannon({ url: endpoint, requests, connections: 16, duration: seconds });
    if (non2xx > 0 || errors > 0) throw new Error(`${non2xx} answers were refusals, ${errors} requests failed`);
    const cost = ((await spent()) - before) / sent.total;
    // The first round warms it up.
    if (round > 0 && cost < best.cost) best = { rate: sent.average, cost, p99: latency.p99 };
  }
  console.log(
    `${what}: ${best.rate.toFixed(0)} pages/s, ${best.cost.toFixed(0)} µs of processor time a page, p99 ${best.p99} ms (${bodies.length} pages)`,
  );
}

try {
  console.log(`${count} nodes, pages of ${MaxResults}, 16 connections, best of ${rounds} rounds of ${seconds} s`);
  await measure('all nodes', {});
  await measure('by platform', { Filters: [{ Key: 'PlatformTypes', Values: ['Linux'] }] });
  await measure('by ping status', { Filters: [{ Key: 'PingStatus', Values: ['Online'] }] });
  await measure('none, by ping status', { Filters: [{ Key: 'PingStatus', Values: ['ConnectionLost'] }] });
  await measure('none, by agent version', { Filters: [{ Key: 'AgentVersion', Values: ['9.9.9.9'] }] });
} finally {
  client.destroy();
  server.kill();
}
