/** The life of commands on a real state file; the test plays the nodes and moves the clock. */
import { describe, expect, test } from 'vitest';
import { recordDelay } from '../../../../functions/node-tools/run-command/index.ts';
import { renderCommand } from '../../../../functions/node-tools/run-command/messages.ts';
import { handler as failUndeliverable } from '../../../../functions/node-tools/run-command/fail-undeliverable.ts';
import { endInvocation } from '../../../../functions/node-tools/run-command/end-invocation.ts';
import { readInvocation } from '../../../../functions/node-tools/run-command/store.ts';
import { commandMessageId } from '../../../../functions/node-tools/run-command/messages.ts';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import { recordPing, writeNode } from '../../../../functions/nodes/index.ts';
import {
  command,
  deliver,
  events,
  fireTimers,
  flotilla,
  invocation,
  nodeName,
  registerNodes,
  reopen,
  reply,
  report,
  send,
  settle,
  step,
  useFlotilla,
  waiting,
} from './commands-fixture.ts';

const operations = runCommandRoom.operations.ssm;

useFlotilla();

describe('one node', () => {
  test('a command goes from pending to success, with its output and exactly its events', async () => {
    const [node] = await registerNodes(1);
    const sent = await send({ InstanceIds: [node] });
    expect(sent.Command).toMatchObject({
      Status: 'Pending',
      StatusDetails: 'Pending',
      TargetCount: 1,
      CompletedCount: 0,
      DocumentVersion: '$DEFAULT',
      MaxConcurrency: '50',
      MaxErrors: '0',
    });
    expect(sent.Command!.ExpiresAfter!.getTime() - sent.Command!.RequestedDateTime!.getTime()).toBe(7_200_000);
    const id = sent.Command!.CommandId!;
    expect(await invocation(id, node!)).toMatchObject({
      Status: 'Pending',
      ResponseCode: -1,
      ExecutionStartDateTime: '',
      PluginName: step,
    });
    await settle(id);
    expect(await waiting([node!])).toEqual([node]);

    await deliver(id, node!);
    await settle(id);
    expect(await command(id)).toMatchObject({ Status: 'InProgress', CompletedCount: 0 });
    expect(await waiting([node!])).toEqual([]);

    await reply(id, node!, report('Success', 0, 'hi\n'));
    await settle(id);
    expect(await invocation(id, node!)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'hi\n',
      ExecutionElapsedTime: 'PT2S',
    });
    expect(await command(id)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      CompletedCount: 1,
      ErrorCount: 0,
    });
    expect(await events()).toEqual([
      'invocation InProgress',
      'command InProgress',
      'invocation Success',
      'command Success',
    ]);
  });

  test('replies late, twice and out of order change nothing that is over', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await settle(id);
    await deliver(id, node!);
    await reply(id, node!, { ...report('Success', 0, 'all'), runtimeStatus: {} });
    await reply(id, node!, { ...report('Success', 0, 'all'), documentStatus: 'InProgress' });
    await reply(id, node!, report('InProgress', -1, 'al'));
    await reply(id, node!, report('Failed', 1, 'no'));
    await deliver(id, node!);
    await settle(id);
    expect(await invocation(id, node!)).toMatchObject({
      Status: 'Success',
      StandardOutputContent: 'all',
      ResponseCode: 0,
    });
    expect(await command(id)).toMatchObject({ Status: 'Success', CompletedCount: 1, ErrorCount: 0 });
  });

  test('what is not over when the time is up has timed out; a late result is kept beside it', async () => {
    const [node] = await registerNodes(1);
    const id = (
      await send({
        InstanceIds: [node],
        TimeoutSeconds: 60,
        Parameters: { commands: ['x'], executionTimeout: ['100'] },
      })
    ).Command!.CommandId!;
    await settle(id);
    flotilla.clock.advance(61_000);
    await fireTimers();
    expect(await waiting([node!])).toEqual([]);
    expect(await invocation(id, node!)).toMatchObject({ Status: 'Pending' });
    flotilla.clock.advance(100_000);
    await fireTimers();
    expect(await invocation(id, node!)).toMatchObject({ Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' });
    expect(await command(id)).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'DeliveryTimedOut',
      DeliveryTimedOutCount: 1,
      CompletedCount: 1,
    });
    await reply(id, node!, report('Success', 0, 'too late'));
    expect(await invocation(id, node!)).toMatchObject({ Status: 'TimedOut', StandardOutputContent: 'too late' });
  });

  test('a node that is deregistered cannot be reached any more', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await settle(id);
    await failUndeliverable({ detail: { 'instance-id': node! } } as never, flotilla.context);
    await settle(id);
    expect(await invocation(id, node!)).toMatchObject({ Status: 'Failed', StatusDetails: 'Undeliverable' });
    expect(await command(id)).toMatchObject({ Status: 'Failed', StatusDetails: 'Failed', ErrorCount: 0 });
  });

  test('a node that cannot take it yet delays the command, and goes on with it afterwards', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await settle(id);
    await recordDelay({ nodeId: node!, messageId: commandMessageId(id, node!) }, flotilla.context);
    await settle(id);
    expect(await invocation(id, node!)).toMatchObject({ Status: 'Delayed', StatusDetails: 'Delayed' });
    expect(await command(id)).toMatchObject({ Status: 'InProgress', StatusDetails: 'Delayed' });
    await deliver(id, node!);
    await recordDelay({ nodeId: node!, messageId: commandMessageId(id, node!) }, flotilla.context);
    await settle(id);
    expect(await command(id)).toMatchObject({ Status: 'InProgress', StatusDetails: 'InProgress' });
    expect((await invocation(id, node!)).Status).toBe('InProgress');
  });

  test('the payload has typed parameters, the document and the names of both', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node], OutputS3BucketName: 'bucket', OutputS3KeyPrefix: 'p' })).Command!
      .CommandId!;
    const rendered = await renderCommand({ commandId: id }, node!, flotilla.context);
    expect(rendered?.topic).toBe(`aws.ssm.sendCommand.us-east-1.${node}`);
    const payload = JSON.parse(rendered!.content) as Record<string, unknown>;
    expect(payload).toMatchObject({
      CommandId: id,
      DocumentName: 'AWS-RunShellScript',
      OutputS3BucketName: 'bucket',
      OutputS3KeyPrefix: 'p',
      CloudWatchOutputEnabled: 'false',
    });
    expect(payload.Parameters).toMatchObject({ commands: ['echo hi'] });
    expect(payload.DocumentContent).toMatchObject({ schemaVersion: '1.2' });
  });
});

describe('cancel', () => {
  test('what no node has taken is cancelled at once, what runs is told to stop', async () => {
    const nodes = await registerNodes(3);
    const id = (await send({ InstanceIds: nodes })).Command!.CommandId!;
    await settle(id);
    await deliver(id, nodes[0]!);
    await settle(id);
    await operations.CancelCommand({ CommandId: id }, flotilla.as());
    await settle(id);
    expect((await invocation(id, nodes[0]!)).Status).toBe('Cancelling');
    expect((await invocation(id, nodes[1]!)).Status).toBe('Cancelled');
    expect((await invocation(id, nodes[2]!)).Status).toBe('Cancelled');
    expect(await waiting(nodes, 'cancel')).toEqual([nodes[0]]);
    await reply(id, nodes[0]!, report('Cancelled', 137));
    await settle(id);
    expect(await command(id)).toMatchObject({ Status: 'Cancelled', CompletedCount: 3, ErrorCount: 0 });
  });

  test('a command that ends in the instant it is cancelled keeps its result', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await settle(id);
    await deliver(id, node!);
    await operations.CancelCommand({ CommandId: id }, flotilla.as());
    await reply(id, node!, report('Success', 0, 'done'));
    await settle(id);
    expect((await invocation(id, node!)).Status).toBe('Success');
    expect((await command(id)).Status).toBe('Success');
  });

  test('a message that was on its way when it was cancelled is followed by the cancel', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await settle(id);
    await operations.CancelCommand({ CommandId: id }, flotilla.as());
    await settle(id);
    expect((await invocation(id, node!)).Status).toBe('Cancelled');
    await deliver(id, node!);
    expect(await waiting([node!], 'cancel')).toEqual([node]);
  });

  test('a node can be cancelled as soon as it is known to be a target, before the command has spread', async () => {
    const nodes = await registerNodes(3, { Role: 'web' });
    const id = (await send({ Targets: [{ Key: 'tag:Role', Values: ['web'] }] })).Command!.CommandId!;
    expect((await invocation(id, nodes[1]!)).Status).toBe('Pending');
    await operations.CancelCommand({ CommandId: id, InstanceIds: [nodes[1]!] }, flotilla.as());
    expect((await invocation(id, nodes[1]!)).Status).toBe('Cancelled');
    await expect(
      operations.CancelCommand({ CommandId: id, InstanceIds: [nodeName(9)] }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
    await fireTimers();
    expect(await command(id)).toMatchObject({ TargetCount: 3, CompletedCount: 1 });
  });

  test('unknown commands and nodes are named', async () => {
    const [node, other] = await registerNodes(2);
    await expect(
      operations.CancelCommand({ CommandId: '11111111-1111-4111-8111-111111111111' }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'InvalidCommandId' });
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await expect(
      operations.CancelCommand({ CommandId: id, InstanceIds: [other!] }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'InvalidInstanceId' });
    await expect(
      operations.CancelCommand({ CommandId: id, InstanceIds: [node!, node!] }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'DuplicateInstanceId' });
  });
});

describe('many nodes', () => {
  /** Plays every node at once until nothing waits: takes what has arrived and ends it as told. */
  async function play(
    id: string,
    nodes: readonly string[],
    end: (nodeId: string) => [status: string, code: number],
  ): Promise<{ most: number; order: string[] }> {
    let most = 0;
    const order: string[] = [];
    for (let round = 0; round < 200; round++) {
      await settle(id);
      const arrived = await waiting(nodes);
      if (arrived.length === 0) break;
      most = Math.max(most, arrived.length);
      for (const nodeId of arrived) {
        await deliver(id, nodeId);
        order.push(nodeId);
      }
      for (const nodeId of arrived) await reply(id, nodeId, report(...end(nodeId)));
    }
    await settle(id);
    return { most, order };
  }

  test('targets by tag: every node that has it, once, and no other', async () => {
    const nodes = await registerNodes(30, { Role: 'web' });
    const sent = await send({ Targets: [{ Key: 'tag:Role', Values: ['web'] }], MaxConcurrency: '100%' });
    const id = sent.Command!.CommandId!;
    expect(sent.Command).toMatchObject({ TargetCount: 0, InstanceIds: [] });
    // Before any row of it exists, a node that matches is pending.
    expect(await invocation(id, nodes[7]!)).toMatchObject({ Status: 'Pending', ResponseCode: -1 });
    await expect(invocation(id, nodeName(99))).rejects.toMatchObject({ code: 'InvocationDoesNotExist' });
    await fireTimers();
    const { order } = await play(id, nodes, () => ['Success', 0]);
    expect([...order].sort()).toEqual(nodes);
    expect(await command(id)).toMatchObject({ Status: 'Success', TargetCount: 30, CompletedCount: 30 });
  });

  test('targets by several tag keys are those that have all of them; * is every node', async () => {
    const web = await registerNodes(3, { Role: 'web', env: 'prod' });
    await flotilla.context.state.transact(
      writeNode({
        node: { nodeId: nodeName(50), registeredAt: 0, activationId: 'a', iamRole: 'r', name: 'n' },
        identity: { publicKey: '' } as never,
        tags: { Role: 'web', env: 'test' },
        events: [],
      }),
    );
    const targeted = async (Targets: object[]): Promise<string[]> => {
      const id = (await send({ Targets })).Command!.CommandId!;
      await fireTimers();
      return (await operations.ListCommandInvocations({ CommandId: id }, flotilla.as()))
        .CommandInvocations!.map((one) => one.InstanceId!)
        .sort();
    };
    expect(
      await targeted([
        { Key: 'tag:Role', Values: ['web', 'db'] },
        { Key: 'tag:env', Values: ['prod'] },
      ]),
    ).toEqual(web);
    expect(
      await targeted([
        { Key: 'tag:env', Values: ['prod', 'test'] },
        { Key: 'tag-key', Values: ['Role'] },
      ]),
    ).toEqual([...web, nodeName(50)]);
    expect(await targeted([{ Key: 'InstanceIds', Values: ['*'] }])).toEqual([...web, nodeName(50)]);
    expect(
      await targeted([
        { Key: 'instanceids', Values: [web[0]!, nodeName(50)] },
        { Key: 'tag:env', Values: ['test'] },
      ]),
    ).toEqual([nodeName(50)]);
  });

  test('targets that match nobody', async () => {
    const id = (await send({ Targets: [{ Key: 'tag:Role', Values: ['none'] }] })).Command!.CommandId!;
    await fireTimers();
    expect(await command(id)).toMatchObject({ Status: 'Success', StatusDetails: 'NoInstancesInTag', TargetCount: 0 });
  });

  test('never more than MaxConcurrency at once', async () => {
    const nodes = await registerNodes(20);
    const id = (await send({ InstanceIds: nodes, MaxConcurrency: '3' })).Command!.CommandId!;
    const { most, order } = await play(id, nodes, () => ['Success', 0]);
    expect(most).toBeLessThanOrEqual(3);
    expect(order).toHaveLength(20);
    expect((await command(id)).Status).toBe('Success');
  });

  test('the error after MaxErrors ends what has not started', async () => {
    const nodes = await registerNodes(20);
    const id = (await send({ InstanceIds: nodes, MaxConcurrency: '1', MaxErrors: '2' })).Command!.CommandId!;
    const { order } = await play(id, nodes, () => ['Failed', 3]);
    expect(order).toHaveLength(3);
    expect(await command(id)).toMatchObject({
      Status: 'Failed',
      StatusDetails: 'Failed',
      ErrorCount: 3,
      CompletedCount: 20,
    });
    const listed = await operations.ListCommandInvocations({ CommandId: id }, flotilla.as());
    expect(listed.CommandInvocations!.filter((one) => one.StatusDetails === 'Terminated')).toHaveLength(17);
  });

  test('a node that is away holds up neither the others nor, when it is back, itself', async () => {
    const nodes = await registerNodes(5);
    const id = (await send({ InstanceIds: nodes })).Command!.CommandId!;
    await settle(id);
    const present = nodes.slice(1);
    for (let second = 0; second < 20; second++) {
      flotilla.clock.advance(1_000);
      await fireTimers();
      for (const nodeId of await waiting(present)) {
        await deliver(id, nodeId);
        await reply(id, nodeId, report('Success', 0));
      }
    }
    expect(await command(id)).toMatchObject({ Status: 'InProgress', CompletedCount: 4 });
    await deliver(id, nodes[0]!);
    await reply(id, nodes[0]!, report('Success', 0));
    await settle(id);
    expect(await command(id)).toMatchObject({ Status: 'Success', CompletedCount: 5 });
  });

  test('two hundred whose time is up while some of them answer: each has one end, and the counts are theirs', async () => {
    const nodes = await registerNodes(200, { Role: 'web' });
    const id = (
      await send({
        Targets: [{ Key: 'tag:Role', Values: ['web'] }],
        MaxConcurrency: '100%',
        MaxErrors: '10%',
        TimeoutSeconds: 30,
        Parameters: { commands: ['x'], executionTimeout: ['10'] },
      })
    ).Command!.CommandId!;
    await fireTimers();
    await settle(id);
    for (const nodeId of nodes.slice(0, 50)) await deliver(id, nodeId);
    flotilla.clock.advance(41_000);
    await Promise.all([fireTimers(), ...nodes.slice(0, 50).map((nodeId) => reply(id, nodeId, report('Success', 0)))]);
    await fireTimers();
    await settle(id);
    const counts: Record<string, number> = {};
    let NextToken: string | undefined;
    do {
      const page = await operations.ListCommandInvocations({ CommandId: id, NextToken }, flotilla.as());
      for (const { StatusDetails } of page.CommandInvocations!)
        counts[StatusDetails!] = (counts[StatusDetails!] ?? 0) + 1;
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    const { Success: successes = 0, DeliveryTimedOut: overdue = 0 } = counts;
    expect(successes + overdue).toBe(200);
    expect(overdue).toBeGreaterThanOrEqual(150);
    expect(await command(id)).toMatchObject({
      Status: 'TimedOut',
      CompletedCount: 200,
      DeliveryTimedOutCount: overdue,
      ErrorCount: 0,
    });
  });

  test('what a process was told and died before counting, the next one counts when it starts', async () => {
    const nodes = await registerNodes(3);
    const ids: string[] = [];
    for (let count = 0; count < 120; count++)
      ids.push((await send({ InstanceIds: [nodes[count % 3]] })).Command!.CommandId!);
    // An hour old: their own timers come once a minute.
    flotilla.clock.advance(3_000_000);
    await fireTimers();
    for (const [count, id] of ids.entries()) {
      const invocation = (await readInvocation(flotilla.state, id, nodes[count % 3]!))!;
      // As record-reply writes it, without the nudge that died with its process.
      await flotilla.state.transact(endInvocation(invocation, 'Success', flotilla.context, { acknowledged: true }));
    }
    expect((await command(ids[0]!)).Status).toBe('Pending');
    for (const resume of runCommandRoom.onStart) await resume(flotilla.context);
    for (const id of ids) expect(await command(id)).toMatchObject({ Status: 'Success', CompletedCount: 1 });
  });

  test('a node that is deregistered with many commands open: none of them waits for it', async () => {
    const [node] = await registerNodes(1);
    const ids: string[] = [];
    for (let count = 0; count < 70; count++) ids.push((await send({ InstanceIds: [node] })).Command!.CommandId!);
    await deliver(ids[5]!, node!);
    await reply(ids[5]!, node!, report('Success', 0));
    await failUndeliverable({ detail: { 'instance-id': node! } } as never, flotilla.context);
    for (const id of ids) await settle(id);
    const details = await Promise.all(ids.map(async (id) => (await invocation(id, node!)).StatusDetails));
    expect(details.filter((one) => one === 'Undeliverable')).toHaveLength(69);
    expect(details[5]).toBe('Success');
    expect(await waiting([node!])).toEqual([]);
  });

  test('nodes of another platform are left out, and do not spoil the rest', async () => {
    const nodes = await registerNodes(2, { Role: 'web' });
    const windows = nodeName(77);
    await flotilla.context.state.transact(
      writeNode({
        node: { nodeId: windows, registeredAt: 0, activationId: 'a', iamRole: 'r', name: 'w' },
        identity: { publicKey: '' } as never,
        tags: { Role: 'web' },
        events: [],
      }),
    );
    await recordPing(flotilla.context, windows, { platformType: 'Windows' });
    await expect(send({ InstanceIds: [windows] })).rejects.toMatchObject({ code: 'UnsupportedPlatformType' });
    const id = (await send({ Targets: [{ Key: 'tag:Role', Values: ['web'] }] })).Command!.CommandId!;
    await fireTimers();
    await play(id, [...nodes, windows], () => ['Success', 0]);
    expect(await invocation(id, windows)).toMatchObject({ Status: 'Failed', StatusDetails: 'InvalidPlatform' });
    expect(await command(id)).toMatchObject({ Status: 'Success', CompletedCount: 3, TargetCount: 3 });
  });
});

describe('more targets than may wait', () => {
  test.each([['ids'], ['tag']])('by %s: the command is over before anything runs', async (by) => {
    await reopen({ settings: { ...flotilla.context.settings, pendingInvocations: 2 } });
    const nodes = await registerNodes(3, { Role: 'web' });
    const target = (count: number): object =>
      by === 'ids'
        ? { InstanceIds: nodes.slice(0, count) }
        : { Targets: [{ Key: 'InstanceIds', Values: nodes.slice(0, count) }] };
    const id = (await send(target(3))).Command!.CommandId!;
    await fireTimers();
    await settle(id);
    expect(await command(id)).toMatchObject({
      Status: 'Failed',
      StatusDetails: 'RateExceeded',
      TargetCount: 3,
      CompletedCount: 3,
      ErrorCount: 0,
    });
    expect(
      (await operations.ListCommands({ Filters: [{ key: 'Status', value: 'LimitExceeded' }] }, flotilla.as())).Commands,
    ).toHaveLength(1);
    for (const node of nodes) expect(await invocation(id, node)).toMatchObject({ StatusDetails: 'Terminated' });
    expect(await waiting(nodes)).toEqual([]);
    const allowed = (await send(target(2))).Command!.CommandId!;
    await fireTimers();
    await settle(allowed);
    expect(await waiting(nodes)).toHaveLength(1);
  });
});
