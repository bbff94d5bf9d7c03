/** ListCommands and ListCommandInvocations on a real state file. */
import { describe, expect, test } from 'vitest';
import { room as documentsRoom } from '../../../../functions/change-management/documents/room.ts';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import {
  command,
  deliver,
  fireTimers,
  flotilla,
  invocation,
  nodeName,
  registerNodes,
  reply,
  report,
  send,
  settle,
  step,
  useFlotilla,
} from './commands-fixture.ts';

const documents = documentsRoom.operations.ssm;
const operations = runCommandRoom.operations.ssm;

useFlotilla();

describe('lists', () => {
  test('commands newest first, in pages, filtered', async () => {
    const [node] = await registerNodes(1);
    const ids: string[] = [];
    for (let count = 0; count < 7; count++) {
      ids.unshift((await send({ InstanceIds: [node], Comment: String(count) })).Command!.CommandId!);
      flotilla.clock.advance(3_600_000 * 9);
    }
    await settle(ids[0]!);
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = await operations.ListCommands({ MaxResults: 3, NextToken: token }, flotilla.as());
      seen.push(...page.Commands!.map((one) => one.CommandId!));
      token = page.NextToken;
    } while (token !== undefined);
    expect(seen).toEqual(ids);
    expect(
      (await operations.ListCommands({ InstanceId: node }, flotilla.as())).Commands!.map((one) => one.CommandId),
    ).toEqual(ids);
    expect(
      (await operations.ListCommands({ Filters: [{ key: 'Status', value: 'Success' }] }, flotilla.as())).Commands,
    ).toEqual([]);
    expect(
      (await operations.ListCommandInvocations({ InstanceId: node }, flotilla.as())).CommandInvocations,
    ).toHaveLength(7);
    expect(
      (await operations.ListCommandInvocations({}, flotilla.as())).CommandInvocations!.map((one) => one.CommandId),
    ).toEqual(ids);
    await expect(
      operations.ListCommands({ Filters: [{ key: 'Bogus' as never, value: 'x' }] }, flotilla.as()),
    ).rejects.toMatchObject({ code: 'InvalidFilterKey' });
    await expect(operations.ListCommands({ NextToken: 'forged' }, flotilla.as())).rejects.toMatchObject({
      code: 'InvalidNextToken',
    });
  });

  test('a command by its id and a node: only where the node is one of its targets', async () => {
    const [node] = await registerNodes(1, { Role: 'web' });
    const CommandId = (await send({ Targets: [{ Key: 'tag:Role', Values: ['web'] }] })).Command!.CommandId!;
    await fireTimers();
    expect((await operations.ListCommands({ CommandId, InstanceId: node! }, flotilla.as())).Commands).toHaveLength(1);
    expect((await operations.ListCommands({ CommandId, InstanceId: nodeName(5) }, flotilla.as())).Commands).toEqual([]);
  });

  test("a token is of its own operation's only", async () => {
    const [node] = await registerNodes(1);
    for (let count = 0; count < 2; count++) await send({ InstanceIds: [node] });
    const { NextToken } = await operations.ListCommands({ MaxResults: 1 }, flotilla.as());
    expect(NextToken).toBeDefined();
    await expect(operations.ListCommandInvocations({ NextToken }, flotilla.as())).rejects.toMatchObject({
      code: 'InvalidNextToken',
    });
  });

  test('two hundred steps are told of in one report, and ended with it', async () => {
    const [node] = await registerNodes(1);
    const names = Array.from({ length: 200 }, (_, place) => `step${place}`);
    await documents.CreateDocument(
      {
        Name: 'Long',
        DocumentType: 'Command',
        Content: JSON.stringify({
          schemaVersion: '2.2',
          mainSteps: names.map((name) => ({ action: 'aws:runShellScript', name, inputs: { runCommand: ['true'] } })),
        }),
      },
      flotilla.as(),
    );
    const id = (await send({ InstanceIds: [node], DocumentName: 'Long', Parameters: {} })).Command!.CommandId!;
    await settle(id);
    const all = {
      documentStatus: 'Failed',
      documentTraceOutput: 'the last one failed',
      runtimeStatus: Object.fromEntries(
        names.map((name, place) => [name, { status: place < 199 ? 'Success' : 'Failed', code: place < 199 ? 0 : 4 }]),
      ),
    };
    await Promise.all([reply(id, node!, all), reply(id, node!, all)]);
    await settle(id);
    expect(await invocation(id, node!)).toMatchObject({ Status: 'Failed', ResponseCode: 4 });
    const [listed] = (await operations.ListCommandInvocations({ CommandId: id, Details: true }, flotilla.as()))
      .CommandInvocations!;
    expect(listed).toMatchObject({ TraceOutput: 'the last one failed' });
    expect(listed!.CommandPlugins!.map((plugin) => plugin.Name)).toEqual(names);
    expect(await command(id)).toMatchObject({ Status: 'Failed', CompletedCount: 1 });
  });

  test('details carry the steps', async () => {
    const [node] = await registerNodes(1);
    const id = (await send({ InstanceIds: [node] })).Command!.CommandId!;
    await settle(id);
    await deliver(id, node!);
    await reply(id, node!, report('Failed', 3, 'out'));
    const details = await operations.ListCommandInvocations({ CommandId: id, Details: true }, flotilla.as());
    expect(details.CommandInvocations![0]!.CommandPlugins).toMatchObject([
      { Name: step, Status: 'Failed', ResponseCode: 3, Output: 'out' },
    ]);
    expect(
      (await operations.ListCommandInvocations({ CommandId: id }, flotilla.as())).CommandInvocations![0]!
        .CommandPlugins,
    ).toEqual([]);
  });
});
