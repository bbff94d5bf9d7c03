/**
 * One server of the benchmark, in a process of its own: `floor`, `front-door` or `nodes`. Says its port, and with which
 * key.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { issueKey } from '../../core/access-keys.ts';
import { SystemClock } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { createApi, longestBody } from '../../functions/api/api.ts';
import { tables } from '../../functions/api/tables.ts';
import { openConnection, recordPing, renewGateway } from '../../functions/nodes/index.ts';
import { nodeHttpListener, serverOptions } from '../../functions/api/node-http.ts';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/state.ts';
import { floorCredentials, floorServer } from './floor.ts';

process.once('disconnect', () => process.exit());
const which = process.argv[2];
const { server, credentials } = await serverOf(which);
// What it has cost so far, in microseconds of processor time, whenever asked.
process.on('message', () => process.send?.(process.cpuUsage()));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, credentials }));

function serverOf(name: string | undefined) {
  switch (name) {
    case 'floor':
      return { server: floorServer(path.join(temporaryFolder().folder, 'floor.db')), credentials: floorCredentials };
    case 'nodes':
      return nodes(Number(process.argv[3]));
    default:
      return frontDoor();
  }
}

/** Everything that is registered, over a fleet that has reported. */
async function nodes(count: number) {
  const { context } = testContext();
  const key = await issueKey(context, { owner: { kind: 'person', name: 'bench', role: 'admin' } });
  await context.state.transact(key.writes);
  for (let number = 0; number < count; number++) {
    const nodeId = await makeNode(context);
    await recordPing(context, nodeId, {
      agentName: 'flotilla-agent',
      agentVersion: '0.1.0.0',
      platformType: 'Linux',
      platformName: 'Debian GNU/Linux',
      platformVersion: '12',
      ipAddress: `10.0.${number >> 8}.${number & 255}`,
      computerName: `host-${number}`,
    });
    await openConnection(context, nodeId, { gatewayId: 'gateway', connectionId: String(number) });
  }
  await renewGateway(context, 'gateway');
  const api = createApi(tables);
  // The fleet was seen when the clock stood still: it does for the benchmark too.
  const listener = nodeHttpListener((request) => api(request, context), { longestBody });
  return {
    server: createServer(serverOptions, listener),
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
  };
}

async function frontDoor() {
  const { context } = testContext();
  const key = await issueKey(context, { owner: { kind: 'person', name: 'bench', role: 'admin' } });
  await context.state.transact(key.writes);
  await context.state.write({
    put: { pk: 'ROW#a', sk: 'ROW' },
    body: { Name: 'a', Value: 'v'.repeat(200), Version: 1, LastModifiedDate: 1_700_000_000_123 },
  });
  const GetParameter = async ({ Name }: { Name: string }, { state }: RequestContext) => {
    const row = await state.get<{ LastModifiedDate: number }>({ pk: `ROW#${Name}`, sk: 'ROW' });
    return { Parameter: { ...row?.body, LastModifiedDate: new Date(row?.body.LastModifiedDate ?? 0) } };
  };
  const api = createApi({ operations: { ssm: { GetParameter } }, extensions: {} });
  const live = { ...context, clock: new SystemClock() };
  const listener = nodeHttpListener((request) => api(request, live), { longestBody });
  return {
    server: createServer(serverOptions, listener),
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
  };
}
