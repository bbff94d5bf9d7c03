/** Load over the wire: signed requests from sixteen connections, and what they cost the server. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
// @ts-expect-error it has no types
import untyped from 'autocannon';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';

interface Result {
  readonly non2xx: number;
  readonly errors: number;
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
}
const autocannon = untyped as (options: object) => Promise<Result>;

export const connections = 16;

export interface Server {
  readonly endpoint: string;
  readonly pid: number;
  readonly credentials: Credentials;
}

export interface Call {
  /** `AmazonSSM.SendCommand` */
  readonly target: string;
  /** In turn, where there are several. */
  readonly bodies: readonly string[];
}

export interface Measured {
  /** Requests a second. */
  readonly rate: number;
  /** Microseconds of the server's processor time a request: other programs do not change it. */
  readonly cost: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** @throws Error when any answer is not a success */
export async function measure(
  { endpoint, pid, credentials }: Server,
  { target, bodies }: Call,
  seconds: number,
): Promise<Measured> {
  const requests = bodies.map((body) => ({
    method: 'POST',
    path: '/',
    body,
    headers: signRequest({
      method: 'POST',
      url: `${endpoint}/`,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body,
      credentials,
      region: 'us-east-1',
      service: 'ssm',
    }),
  }));
  const before = processorTime(pid);
  let started = 0;
  // Each connection begins at another place: all of them at once on the same thing would measure something else.
  const setupClient = (client: { setRequests(given: typeof requests): void }): void => {
    const at = Math.floor((started++ * requests.length) / connections);
    client.setRequests([...requests.slice(at), ...requests.slice(0, at)]);
  };
  const {
    non2xx,
    errors,
    requests: done,
    latency,
  } = await autocannon({ url: endpoint, requests, connections, duration: seconds, setupClient });
  if (non2xx > 0 || errors > 0)
    throw new Error(`${target} at ${endpoint}: ${non2xx} answers were refusals, ${errors} requests failed`);
  return { rate: done.average, cost: ((processorTime(pid) - before) * 1000) / done.total, p99: latency.p99 };
}

/** A request of one body, by whom it is signed. */
export interface SignedBody {
  readonly body: string;
  readonly credentials: Credentials;
}

/**
 * Load whose bodies go out in turn over all connections, by node:http: for callers that differ, and for peers that end
 * the connection after each answer, where autocannon stands still. The loader costs more than autocannon.
 * @throws Error when any answer is not a success
 */
export async function measureInTurn(
  { endpoint, pid }: Omit<Server, 'credentials'>,
  target: string,
  bodies: readonly SignedBody[],
  seconds: number,
): Promise<Omit<Measured, 'p99'>> {
  const signed = bodies.map(({ body, credentials }) => ({
    body,
    headers: {
      ...signRequest({
        method: 'POST',
        url: `${endpoint}/`,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
        body,
        credentials,
        region: 'us-east-1',
        service: 'ssm',
      }),
      'content-length': String(Buffer.byteLength(body)),
    },
  }));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const before = processorTime(pid);
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const { body, headers } = signed[done++ % signed.length]!;
      await new Promise<void>((resolve, reject) => {
        const sent = request(endpoint, { method: 'POST', headers, agent }, (answer) => {
          answer.resume();
          answer.once('end', () =>
            answer.statusCode === 200 ? resolve() : reject(new Error(`${target} at ${endpoint}: ${answer.statusCode}`)),
          );
        });
        sent.once('error', reject).end(body);
      });
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return { rate: done / seconds, cost: ((processorTime(pid) - before) * 1000) / done };
}

/** Milliseconds of processor time that a process has spent so far. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  // The kernel's ticks are hundredths of a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export interface Peer extends Server {
  stop(): void;
}

/** moto's server, where it is installed: the emulator that most people have. */
export async function startMoto(): Promise<Peer | undefined> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  if (!(await answers(endpoint, child))) {
    console.log('moto_server is not here: nothing to compare with');
    return undefined;
  }
  return {
    endpoint,
    pid: child.pid!,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    stop: () => child.kill(),
  };
}

async function answers(endpoint: string, child: ChildProcess): Promise<boolean> {
  let ended = false;
  child.once('error', () => (ended = true)).once('close', () => (ended = true));
  for (let attempt = 0; attempt < 300 && !ended; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (
      await fetch(`${endpoint}/moto-api/data.json`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return true;
  }
  child.kill();
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
