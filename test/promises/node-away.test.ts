/** A node that comes back after a day finds what was sent to it, as long as that may still be done. */
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { issueKey } from '../../core/access-keys.ts';
import { silentLog } from '../../core/log.ts';
import { enrol } from '../../simulate/enrol.ts';
import { noFaults } from '../../simulate/faults.ts';
import { Fleet } from '../../simulate/fleet.ts';
import { eventually } from '../support/flotilla-process.ts';
import { openNodeFixture, type NodeFixture } from './node-fixture.ts';

const day = 86_400_000;

let fixture: NodeFixture;
let fleet: Fleet;
let nodeId: string;
beforeEach(async () => {
  fixture = await openNodeFixture();
  const key = await issueKey(fixture.context, { owner: { kind: 'person', name: 'operator', role: 'admin' } });
  await fixture.state.transact(key.writes);
  const endpoint = `http://127.0.0.1:${fixture.port}`;
  const registrations = await enrol({
    endpoint,
    nodeEndpoint: endpoint,
    region: 'us-east-1',
    credentials: key,
    nodes: 1,
    activations: 1,
    keyPairs: 1,
    tags: {},
  });
  nodeId = registrations[0]!.nodeId;
  fleet = new Fleet(
    registrations,
    { faults: noFaults, duration: 10, inventoryEntries: 0, random: Math.random },
    silentLog,
  );
});
afterEach(async () => {
  fleet.stop();
  await fixture.close();
});

async function send(TimeoutSeconds: number): Promise<() => Promise<string | undefined>> {
  const { Command } = await fixture.client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [nodeId],
      TimeoutSeconds,
      Parameters: { commands: ['uptime'] },
    }),
  );
  return async () =>
    (await fixture.client.send(new GetCommandInvocationCommand({ CommandId: Command!.CommandId!, InstanceId: nodeId })))
      .StatusDetails;
}

test('it runs what may wait for two days, and nothing of what might not', async () => {
  const long = await send(2 * 86_400);
  const short = await send(3_600);
  fixture.clock.advance(day);
  await eventually('the end of the short command', async () =>
    (await short()) === 'DeliveryTimedOut' ? true : undefined,
  );
  expect(await long()).toBe('Pending');
  await fleet.start();
  await eventually('the end of the long command', async () => ((await long()) === 'Success' ? true : undefined));
  expect(await short()).toBe('DeliveryTimedOut');
  expect(fleet.counts.taken).toBe(1);
});
