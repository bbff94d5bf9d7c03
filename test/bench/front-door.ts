/**
 * The front door against the floor, in turns: an operation that reads one row, key look-up, decode, check and encode
 * included. Compared by the processor time a request takes, which other programs on the machine do not change as
 * they change rates.
 *
 *   node test/bench/front-door.ts [SECONDS]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
// @ts-expect-error it has no types
import untyped from 'autocannon';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';

interface Load {
  readonly non2xx: number;
  readonly errors: number;
  readonly requests: { readonly average: number; readonly total: number };
}
const autocannon = untyped as (options: object) => Promise<Load>;

const seconds = Number(process.argv[2] ?? 2);
const rounds = 6;

interface Server {
  readonly process: ChildProcess;
  readonly port: number;
  readonly credentials: Credentials;
}

async function start(which: string): Promise<Server> {
  const child = fork(path.join(import.meta.dirname, 'serve.ts'), [which], { stdio: 'inherit' });
  const [{ port, credentials }] = (await once(child, 'message')) as [{ port: number; credentials: Credentials }];
  return { process: child, port, credentials };
}

interface Cost {
  readonly rate: number;
  /** Microseconds of processor time a request. */
  readonly time: number;
}

async function cost({ process: child, port, credentials }: Server): Promise<Cost> {
  const spent = async (): Promise<number> => {
    child.send('cost');
    const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
    return user + system;
  };
  const url = `http://127.0.0.1:${port}/`;
  const body = '{"Name":"a"}';
  const headers = signRequest({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameter' },
    body,
    credentials,
    region: 'us-east-1',
    service: 'ssm',
  });
  const before = await spent();
  const result = await autocannon({ url, method: 'POST', headers, body, connections: 16, duration: seconds });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} answers were refusals, ${result.errors} requests failed`);
  return { rate: result.requests.average, time: ((await spent()) - before) / result.requests.total };
}

const floor = await start('floor');
const door = await start('front-door');
const least = { bare: Infinity, ours: Infinity };
try {
  for (let round = 0; round <= rounds; round++) {
    const [bare, ours] = [await cost(floor), await cost(door)];
    // The first round warms both up.
    if (round === 0) continue;
    console.log(
      `floor ${bare.time.toFixed(1)} µs (${bare.rate.toFixed(0)}/s), front door ${ours.time.toFixed(1)} µs (${ours.rate.toFixed(0)}/s)`,
    );
    least.bare = Math.min(least.bare, bare.time);
    least.ours = Math.min(least.ours, ours.time);
  }
} finally {
  floor.process.kill();
  door.process.kill();
}
// What else runs can only add to a time: the least of each is the one to compare.
console.log(
  `${((100 * least.bare) / least.ours).toFixed(0)} % of the floor: ${least.bare.toFixed(1)} and ${least.ours.toFixed(1)} µs a request`,
);
