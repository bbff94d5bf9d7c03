/** One server of the benchmark, in a process of its own: `floor` or `front-door`. Says its port, and with which key. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { issueKey } from '../../core/access-keys.ts';
import { SystemClock } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { createApi, longestBody } from '../../functions/api/api.ts';
import { nodeHttpListener, serverOptions } from '../../functions/api/node-http.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/state.ts';
import { floorCredentials, floorServer } from './floor.ts';

process.once('disconnect', () => process.exit());
const which = process.argv[2];
const { server, credentials } = which === 'floor' ? { server: floorServer(path.join(temporaryFolder().folder, 'floor.db')), credentials: floorCredentials } : await frontDoor();
// What it has cost so far, in microseconds of processor time, whenever asked.
process.on('message', () => process.send?.(process.cpuUsage()));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, credentials }));

async function frontDoor() {
  const { context } = testContext();
  const key = await issueKey(context, { owner: { kind: 'person', name: 'bench', role: 'admin' } });
  await context.state.transact(key.writes);
  await context.state.write({ put: { pk: 'ROW#a', sk: 'ROW' }, body: { Name: 'a', Value: 'v'.repeat(200), Version: 1, LastModifiedDate: 1_700_000_000_123 } });
  const GetParameter = async ({ Name }: { Name: string }, { state }: RequestContext) => {
    const row = await state.get<{ LastModifiedDate: number }>({ pk: `ROW#${Name}`, sk: 'ROW' });
    return { Parameter: { ...row?.body, LastModifiedDate: new Date(row?.body.LastModifiedDate ?? 0) } };
  };
  const api = createApi({ operations: { ssm: { GetParameter } }, extensions: {} });
  const live = { ...context, clock: new SystemClock() };
  const listener = nodeHttpListener((request) => api(request, live), { longestBody });
  return { server: createServer(serverOptions, listener), credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey } };
}
