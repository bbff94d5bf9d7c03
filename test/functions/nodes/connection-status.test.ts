import type { TimerHandlers } from '../../../functions/clock/fire-timer.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { InvalidInstanceId } from '../../../core/errors.ts';
import { type Timer } from '../../../core/timers.ts';
import {
  closeConnection,
  endGateway,
  gatewayLease,
  getNode,
  isConnected,
  openConnection,
  recordConnected,
  recordPing,
  removeNode,
  renewGateway,
} from '../../../functions/nodes/index.ts';
import { room as nodesRoom } from '../../../functions/nodes/room.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { timersLeft } from '../../support/timers.ts';
import { makeNode } from './nodes-fixture.ts';

const timers: TimerHandlers = nodesRoom.timers;

const minute = 60_000;
let fixture: TestContext;
beforeEach(() => (fixture = testContext()));
afterEach(() => fixture.close());

async function dueTimers(): Promise<Timer[]> {
  return (await timersLeft(fixture.state)).filter((timer) => timer.due <= fixture.clock.now());
}

/** Fires what is due, as the clock would: each of them twice. */
async function fire(): Promise<void> {
  for (const timer of await dueTimers())
    for (let time = 0; time < 2; time++) await timers[timer.kind]!(timer as never, fixture.context);
}

async function announced(): Promise<unknown[]> {
  return (await fixture.state.readChanges(0, 100)).flatMap(({ event }) =>
    event.detailType === 'Flotilla Node Connection Change' ? [(event.detail as { status: unknown }).status] : [],
  );
}

describe("a node's connection", () => {
  test('is Inactive, Online, ConnectionLost after 15 minutes, and Online again; each change is said once', async () => {
    const node = await makeNode(fixture.context);
    const status = async () => (await getNode(fixture.context, node))?.pingStatus;
    expect(await status()).toBe('Inactive');

    await recordPing(fixture.context, node, { platformType: 'Linux', agentVersion: '3.3.0.0', computerName: '' });
    expect(await getNode(fixture.context, node)).toMatchObject({
      pingStatus: 'Online',
      platformType: 'Linux',
      agentVersion: '3.3.0.0',
      lastPingAt: fixture.clock.now(),
    });
    fixture.clock.advance(10 * minute);
    await recordPing(fixture.context, node, {});
    fixture.clock.advance(6 * minute);
    await fire();
    expect(await status()).toBe('Online');
    fixture.clock.advance(9 * minute + 1);
    expect(await status()).toBe('ConnectionLost');
    await fire();
    expect(await announced()).toEqual(['Online', 'ConnectionLost']);
    fixture.clock.advance(60 * minute);
    await fire();

    await recordPing(fixture.context, node, {});
    expect(await status()).toBe('Online');
    expect(await announced()).toEqual(['Online', 'ConnectionLost', 'Online']);
    fixture.clock.advance(16 * minute);
    await fire();
    expect(await announced()).toEqual(['Online', 'ConnectionLost', 'Online', 'ConnectionLost']);
    expect(await dueTimers()).toEqual([]);
  });

  test('an open control channel keeps it online without reports, until the gateway lets go of it', async () => {
    const node = await makeNode(fixture.context);
    await renewGateway(fixture.context, 'gateway-1');
    await openConnection(fixture.context, node, { gatewayId: 'gateway-1', connectionId: 'one' });
    await recordConnected(fixture.context, node);
    fixture.clock.advance(120 * minute);
    await fire();
    expect(await getNode(fixture.context, node)).toMatchObject({ pingStatus: 'Online', connected: true });

    // A newer connection is not closed by the end of the one before.
    await openConnection(fixture.context, node, { gatewayId: 'gateway-1', connectionId: 'two' });
    await closeConnection(fixture.context, node, 'one');
    expect(await isConnected(fixture.context, node)).toBe(true);
    await closeConnection(fixture.context, node, 'two');
    expect(await isConnected(fixture.context, node)).toBe(false);
    fixture.clock.advance(16 * minute);
    await fire();
    expect(await announced()).toEqual(['Online', 'ConnectionLost']);
  });

  test('a gateway that stopped holds nobody', async () => {
    const node = await makeNode(fixture.context);
    await renewGateway(fixture.context, 'gateway-1');
    await openConnection(fixture.context, node, { gatewayId: 'gateway-1', connectionId: 'one' });
    await endGateway(fixture.context, 'gateway-1');
    expect(await isConnected(fixture.context, node)).toBe(false);
    expect((await getNode(fixture.context, node))?.connected).toBe(false);
  });

  test('a gateway that was killed holds nobody once its lease is over', async () => {
    const node = await makeNode(fixture.context);
    await renewGateway(fixture.context, 'gateway-1');
    await openConnection(fixture.context, node, { gatewayId: 'gateway-1', connectionId: 'one' });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      vi.setSystemTime(Date.now() + gatewayLease.milliseconds - 1_000);
      expect(await isConnected(fixture.context, node)).toBe(true);
      vi.setSystemTime(Date.now() + 1_001);
      expect(await isConnected(fixture.context, node)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a report of a node that is gone is refused and leaves nothing behind', async () => {
    const node = await makeNode(fixture.context, { nodeId: 'mi-0123456789abcdef0' });
    await removeNode(fixture.context, node, () => []);
    await expect(recordPing(fixture.context, node, {})).rejects.toThrow(InvalidInstanceId);
    expect((await fixture.state.query({ pk: 'FLEET#0' })).rows).toEqual([]);
  });
});
