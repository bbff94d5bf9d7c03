/** Two gateways over one State: what one of them leaves behind when it dies without a word, the other takes on. */
import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { ListCommandInvocationsCommand, ListCommandsCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueKey } from '../../core/access-keys.ts';
import { ProcessBackground } from '../../core/background.ts';
import { silentLog } from '../../core/log.ts';
import type { State } from '../../core/state.ts';
import { longestBody } from '../../functions/api/api.ts';
import { answerClientError, nodeHttpListener, serverOptions } from '../../functions/api/node-http.ts';
import { createGateway } from '../../functions/gateway/gateway.ts';
import { hooks } from '../../functions/gateway/tables.ts';
import { openCertificates } from '../../local/certificates.ts';
import { listen, type Listener } from '../../local/listener.ts';
import { enrol } from '../../simulate/enrol.ts';
import { noFaults } from '../../simulate/faults.ts';
import { Fleet } from '../../simulate/fleet.ts';
import { eventually } from '../support/flotilla-process.ts';
import { openNodeFixture, type NodeFixture } from './node-fixture.ts';

const nodes = 60;

let fixture: NodeFixture;
let other: Listener;
let killOther: () => void;
let balancer: Balancer;
let fleet: Fleet;

beforeAll(async () => {
  // Two processes: each does its own work in the background, and neither is alone.
  fixture = await openNodeFixture({ background: new ProcessBackground() });
  const { state, kill } = mortal(fixture.context.state);
  const gateway = await createGateway({
    context: { ...fixture.context, state, background: new ProcessBackground() },
    ...hooks,
  });
  const certificate = await openCertificates(path.join(fixture.folder, 'tls'), ['127.0.0.1']);
  other = await listen({
    host: '127.0.0.1',
    port: 0,
    certificate,
    server: serverOptions,
    onRequest: nodeHttpListener((request) => gateway.handle(request), { longestBody }),
    takesUpgrade: (request) => gateway.takesUpgrade(request),
    onUpgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
    onClientError: answerClientError,
  });
  killOther = kill;
  balancer = await startBalancer([fixture.port, other.port]);
  const key = await issueKey(fixture.context, { owner: { kind: 'person', name: 'operator', role: 'admin' } });
  await fixture.state.transact(key.writes);
  const endpoint = `http://127.0.0.1:${fixture.port}`;
  const registrations = await enrol({
    endpoint,
    nodeEndpoint: `http://127.0.0.1:${balancer.port}`,
    region: 'us-east-1',
    credentials: key,
    nodes,
    activations: 1,
    keyPairs: 1,
    tags: { fleet: 'halved' },
  });
  fleet = new Fleet(
    registrations,
    { faults: noFaults, duration: 300, inventoryEntries: 0, random: Math.random },
    silentLog,
  );
  await fleet.start();
  await eventually('every control channel', () => (fleet.counts.connected === nodes ? true : undefined));
});

afterAll(async () => {
  fleet.stop();
  balancer.stop();
  await other.close(0);
  await fixture.close();
});

test('half the fleet loses its gateway in the middle of a command and goes on by the other', async () => {
  expect(balancer.open(other.port)).toBeGreaterThan(nodes / 4);
  const { Command } = await fixture.client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      Targets: [{ Key: 'tag:fleet', Values: ['halved'] }],
      MaxConcurrency: '20',
      Parameters: { commands: ['uptime'] },
    }),
  );
  const CommandId = Command!.CommandId!;
  await eventually('the middle of the command', () => (fleet.counts.acknowledged > nodes / 5 ? true : undefined));
  expect(fleet.counts.acknowledged).toBeLessThan(nodes);
  killOther();
  balancer.drop(other.port);

  const ended = await eventually('the end of the command', async () =>
    (await fixture.client.send(new ListCommandsCommand({ CommandId }))).Commands?.find(
      ({ Status }) => Status !== 'Pending' && Status !== 'InProgress',
    ),
  );
  expect(ended).toMatchObject({ Status: 'Success', TargetCount: nodes, CompletedCount: nodes, ErrorCount: 0 });
  const own = new Set<string>();
  let NextToken: string | undefined;
  do {
    const page = await fixture.client.send(new ListCommandInvocationsCommand({ CommandId, Details: true, NextToken }));
    for (const { InstanceId, Status, CommandPlugins } of page.CommandInvocations ?? [])
      if (Status === 'Success' && CommandPlugins?.[0]?.Output === `simulated on ${InstanceId}\n`) own.add(InstanceId!);
    NextToken = page.NextToken;
  } while (NextToken);
  expect(own.size).toBe(nodes);
  // Each ran once: what was sent again by the second gateway was known to its node by name.
  expect(fleet.counts.taken).toBe(nodes);
  await eventually('every node on the gateway that is left', () =>
    fleet.counts.connected === nodes ? true : undefined,
  );
});

/** A state that a process loses by dying: from then on nothing is read, written or answered any more. */
function mortal(state: State): { readonly state: State; readonly kill: () => void } {
  let dead = false;
  const never = new Promise<never>(() => undefined);
  const during = <T>(work: () => Promise<T>): Promise<T> =>
    dead ? never : work().then((result) => (dead ? never : result));
  return {
    kill: () => (dead = true),
    state: {
      get: (...call) => during(() => state.get(...call)),
      getMany: (...call) => during(() => state.getMany(...call)),
      query: (query) => during(() => state.query(query)),
      write: (write) => during(() => state.write(write)),
      transact: (writes) => during(() => state.transact(writes)),
    } as State,
  };
}

interface Balancer {
  readonly port: number;
  /** Connections to this port now. */
  open(port: number): number;
  /** Cuts all connections to this port and makes no more. */
  drop(port: number): void;
  stop(): void;
}

/** One address before several servers, in turn. */
async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const live = new Set(ports);
  const connections = new Map<Socket, number>();
  let turn = 0;
  const server = createServer((client) => {
    const port = [...live][turn++ % live.size]!;
    const upstream = connect(port, '127.0.0.1');
    connections.set(client, port);
    client.once('close', () => connections.delete(client));
    for (const [one, counterpart] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.once('error', () => counterpart.destroy()).once('close', () => counterpart.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    open: (port) => [...connections.values()].filter((one) => one === port).length,
    drop: (dropped) => {
      live.delete(dropped);
      for (const [socket, port] of connections) if (port === dropped) socket.resetAndDestroy();
    },
    stop: () => {
      for (const socket of connections.keys()) socket.destroy();
      server.close();
    },
  };
}
