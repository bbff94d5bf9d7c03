/**
 * GetParameter beside the floor and moto_server, PutParameter and GetParametersByPath over 1,000 beside moto_server, on
 * the same machine.
 *
 *   npm run bench -- parameters [SECONDS]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Credentials } from '../../core/sigv4/sign.ts';
import { manyAtOnce } from '../../core/many-at-once.ts';
import { clientOf, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';
import { connections, measure, measureInTurn, startMoto, type Call, type Measured, type Server } from './load.ts';

const seconds = Number(process.argv[2] ?? 5);
/** Under one path. */
const parameters = 1000;
const value = 'v'.repeat(200);

const { folder, remove } = temporaryFolder();
const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
const { connection } = server;
const moto = await startMoto();
const floor = await startFloor();
try {
  const ours: Server = { endpoint: connection.endpoint, pid: server.pid, credentials: connection };
  for (const one of [ours, ...(moto === undefined ? [] : [moto])])
    await fill(clientOf({ ...connection, ...one.credentials, endpoint: one.endpoint }));

  const get: Call = { target: 'AmazonSSM.GetParameter', bodies: ['{"Name":"/bench/p500"}'] };
  const bare: Call = { ...get, bodies: ['{"Name":"a"}'] };
  const [atFloor, mine] = await inTurns([() => measure(floor.server, bare, 2), () => measure(ours, get, 2)]);
  console.log(
    `GetParameter: ${mine!.cost.toFixed(0)} µs of processor time, the floor ${atFloor!.cost.toFixed(0)} µs: ${((100 * atFloor!.cost) / mine!.cost).toFixed(0)} % of the floor`,
  );
  await compare('GetParameter', ours, get, 15);
  await compare(
    'GetParametersByPath, a page of 10 of 1,000',
    ours,
    { target: 'AmazonSSM.GetParametersByPath', bodies: ['{"Path":"/bench","Recursive":true}'] },
    30,
  );

  // In turn over all names, as different writers write different parameters.
  const puts = Array.from({ length: parameters }, (_, at) =>
    JSON.stringify({ Name: `/bench/p${at}`, Value: value, Overwrite: true }),
  );
  await compare('PutParameter, durable', ours, { target: 'AmazonSSM.PutParameter', bodies: puts }, 10);
} finally {
  floor.stop();
  moto?.stop();
  await server.kill('SIGTERM');
  remove();
}

async function fill(client: SSMClient): Promise<void> {
  await manyAtOnce(
    Array.from({ length: parameters }, (_, at) => `/bench/p${at}`),
    connections,
    async (Name) => void (await client.send(new PutParameterCommand({ Name, Value: value, Type: 'String' }))),
  );
  client.destroy();
}

/** The cheapest of several rounds each: what else runs can only add to a time. */
async function inTurns(each: readonly (() => Promise<Measured>)[]): Promise<Measured[]> {
  const best: (Measured | undefined)[] = each.map(() => undefined);
  for (let round = 0; round <= 4; round++)
    for (const [at, run] of each.entries()) {
      const measured = await run();
      // The first round warms up.
      if (round > 0 && measured.cost < (best[at]?.cost ?? Infinity)) best[at] = measured;
    }
  return best.filter((one) => one !== undefined);
}

async function compare(what: string, ours: Server, call: Call, wanted: number): Promise<void> {
  await measure(ours, call, 1);
  const mine = await measure(ours, call, seconds);
  console.log(
    `${what}: ${mine.rate.toFixed(0)}/s, ${mine.cost.toFixed(0)} µs of processor time each, p99 ${mine.p99} ms (${connections} connections, ${seconds} s)`,
  );
  if (moto === undefined) return;
  const bodies = call.bodies.map((body) => ({ body, credentials: moto.credentials }));
  await measureInTurn(moto, call.target, bodies, 1);
  const theirs = await measureInTurn(moto, call.target, bodies, seconds);
  console.log(
    `${what}, moto_server: ${theirs.rate.toFixed(0)}/s; ours is ${(mine.rate / theirs.rate).toFixed(1)} times that (wanted: ${wanted})`,
  );
}

async function startFloor(): Promise<{ server: Server; stop: () => void }> {
  const child = fork(path.join(import.meta.dirname, 'serve.ts'), ['floor'], { stdio: 'inherit' });
  const [{ port, credentials }] = (await once(child, 'message')) as [{ port: number; credentials: Credentials }];
  return { server: { endpoint: `http://127.0.0.1:${port}`, pid: child.pid!, credentials }, stop: () => child.kill() };
}
