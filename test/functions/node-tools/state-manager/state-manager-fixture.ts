/** State Manager on a real state file; the test plays the agents and moves the clock. */
import type { TimerHandlers } from '../../../../functions/clock/fire-timer.ts';
import { afterEach, beforeEach, expect } from 'vitest';
import type { UpdateInstanceAssociationStatusInput } from '../../../../core/agent-operations.ts';
import type { Caller } from '../../../../core/caller.ts';
import type { Context } from '../../../../core/context.ts';
import { envelope, localSource } from '../../../../core/event-envelope.ts';
import { matchesPattern } from '../../../../core/event-pattern.ts';
import { timerPartition, timerShards, type Timer } from '../../../../core/timers.ts';
import { fireTimer } from '../../../../functions/clock/fire-timer.ts';
import { refreshKind, renderRefresh } from '../../../../functions/node-tools/state-manager/refresh-message.ts';
import { room as stateManagerRoom } from '../../../../functions/node-tools/state-manager/room.ts';
import { progressExecution } from '../../../../functions/node-tools/state-manager/execution-job.ts';
import { pendingMessages, recordPing, writeNode } from '../../../../functions/nodes/index.ts';
import { routes } from '../../../../events/routes.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { expectValidEvent } from '../../../support/events.ts';
import { expectNothingRefused, guarded, loadGuarded } from '../../../support/guarded.ts';

const operations = stateManagerRoom.operations.ssm;
const timers: TimerHandlers = stateManagerRoom.timers;
const { agentOperations } = stateManagerRoom;

export let flotilla: TestContext;
const delivered = new Set<string>();
beforeEach(() => {
  flotilla = testContext();
  delivered.clear();
});
afterEach(async () => {
  for (const { event } of await flotilla.state.readChanges(0, 10_000)) expectValidEvent(event);
  expectNothingRefused();
  await flotilla.close();
});

export const nodeName = (place: number): string => `mi-${place.toString(16).padStart(17, '0')}`;
export const minutes = 60_000;

export async function register(
  place: number,
  tags: Record<string, string> = {},
  platformType = 'Linux',
): Promise<string> {
  const { context, clock } = flotilla;
  const nodeId = nodeName(place);
  await context.state.transact(
    writeNode({
      node: { nodeId, registeredAt: clock.now(), activationId: 'a', iamRole: 'r', name: 'n' },
      identity: { publicKey: '', publicKeyType: 'Rsa' },
      tags,
      events: [],
    }),
  );
  if (platformType !== 'never seen')
    await recordPing(context, nodeId, { agentName: 'a', agentVersion: '1.0.0.0', platformType });
  return nodeId;
}

type Operations = typeof operations;
export function call<Name extends keyof Operations>(
  name: Name,
  input: object,
  ports: Partial<Context> = {},
): Promise<Awaited<ReturnType<Operations[Name]>>> {
  return (operations[name] as (input: object, context: object) => Promise<Awaited<ReturnType<Operations[Name]>>>)(
    input,
    { ...flotilla.as(), ...ports },
  );
}

export const asNode = (nodeId: string): Caller => ({
  kind: 'node',
  nodeId,
  accessKeyId: 'ASIA',
  arn: `arn:aws:sts::123456789012:assumed-role/r/${nodeId}`,
});
export const listed = async (nodeId: string) =>
  (await agentOperations.ListInstanceAssociations({ InstanceId: nodeId }, flotilla.as(asNode(nodeId)))).Associations;
export const tell = (
  nodeId: string,
  AssociationId: string,
  Status: string,
  more: Partial<UpdateInstanceAssociationStatusInput['ExecutionResult']> = {},
) =>
  agentOperations.UpdateInstanceAssociationStatus(
    { AssociationId, InstanceId: nodeId, ExecutionResult: { Status, ...more } },
    flotilla.as(asNode(nodeId)),
  );
export const refusal = (code: string, message?: RegExp) =>
  expect.objectContaining({
    code,
    ...(message === undefined ? {} : { message: expect.stringMatching(message) as string }),
  }) as Error;
export const everyNode = [{ Key: 'InstanceIds', Values: ['*'] }];

/** Makes one and lets it reach its nodes. */
export async function create(more: object = {}): Promise<string> {
  const { AssociationDescription: made } = await call('CreateAssociation', {
    Name: 'AWS-RunShellScript',
    Parameters: { commands: ['true'] },
    Targets: everyNode,
    ...more,
  });
  await settle(made!.AssociationId!);
  return made!.AssociationId!;
}

export async function executionOf(associationId: string): Promise<string> {
  return (await flotilla.state.get<{ executionId: string }>({ pk: `ASSOCIATION#${associationId}`, sk: 'ASSOCIATION' }))!
    .body.executionId;
}

/** Lets what runs in the background come to rest. */
export async function settle(associationId: string): Promise<void> {
  const execution = { associationId, executionId: await executionOf(associationId) };
  await flotilla.context.background.settled();
  await progressExecution(execution, flotilla.context);
}

export const overview = async (AssociationId: string) => {
  await settle(AssociationId);
  return (await call('DescribeAssociation', { AssociationId })).AssociationDescription!.Overview;
};

export const refreshes = async (nodeId: string) =>
  (await pendingMessages(flotilla.context, nodeId)).filter(({ kind }) => kind === refreshKind);

/** What the gateway would send a node now. */
export async function rendered(nodeId: string): Promise<object[]> {
  const messages = await Promise.all(
    (await refreshes(nodeId)).map(({ reference }) =>
      renderRefresh(reference as never, nodeId, guarded('gateway', flotilla.context)),
    ),
  );
  return messages.flatMap((message) => (message === undefined ? [] : [JSON.parse(message.content) as object]));
}

/** Fires what is due, as the local loop and the tick do. */
export async function fireTimers(context: Context = flotilla.context): Promise<void> {
  for (let shard = 0; shard < timerShards; shard++)
    for (const { body } of (await flotilla.state.query<Timer>({ pk: timerPartition(shard) })).rows)
      if (timers[body.kind] !== undefined && body.due <= flotilla.clock.now())
        await fireTimer(body, timers, guarded('fire-timers', context));
}

export async function later(milliseconds: number): Promise<void> {
  flotilla.clock.advance(milliseconds);
  await fireTimers();
}

export async function events(detailType: string): Promise<Record<string, string>[]> {
  const changes = await flotilla.state.readChanges(0, 10_000);
  return changes
    .filter(({ event }) => event.detailType === detailType)
    .map(({ event }) => event.detail as Record<string, string>);
}

/** Delivers what State Manager's routes wait for and has not been delivered yet, each event twice. */
export async function deliverEvents({ reversed = false } = {}): Promise<void> {
  const changes = (await flotilla.state.readChanges(0, 10_000)).filter(({ event }) => !delivered.has(event.id));
  if (reversed) changes.reverse();
  for (const { event } of changes) {
    delivered.add(event.id);
    const sent = envelope(event, { source: localSource, account: '123456789012', region: 'us-east-1' });
    for (const { on, run } of routes) {
      if (!run.includes('/state-manager/') || !('detailTypes' in on) || !on.detailTypes.includes(event.detailType))
        continue;
      if (!matchesPattern(on.detail ?? {}, event.detail)) continue;
      const handler = await loadGuarded(run);
      for (let time = 0; time < 2; time++) await handler(sent, flotilla.context);
    }
  }
}
