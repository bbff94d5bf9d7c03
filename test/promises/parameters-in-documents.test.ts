/** `{{ssm:…}}` in a document: the node's own agent asks for it, with the node's key, before the step. */
import path from 'node:path';
import {
  GetCommandInvocationCommand,
  PutParameterCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  clientOf,
  eventually,
  startAgent,
  startServer,
  type AgentProcess,
  type ServerProcess,
} from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
let server: ServerProcess;
let agent: AgentProcess;
let client: SSMClient;
beforeAll(async () => {
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  client = clientOf(server.connection);
  agent = await startAgent(client, server.connection, path.join(folder, 'agent'));
});
afterAll(async () => {
  client.destroy();
  await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
});

async function say(line: string) {
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [agent.nodeId],
      Parameters: { commands: [line] },
    }),
  );
  return eventually('the end', async () => {
    const invocation = await client.send(
      new GetCommandInvocationCommand({ CommandId: Command!.CommandId, InstanceId: agent.nodeId }),
    );
    return ['Success', 'Failed'].includes(invocation.Status!) ? invocation : undefined;
  });
}

test('values by name, version and label come into the step; a secret, and what is not there, fail it', async () => {
  await client.send(new PutParameterCommand({ Name: '/app/greeting', Value: 'hello', Type: 'String' }));
  await client.send(new PutParameterCommand({ Name: '/app/greeting', Value: 'good morning', Overwrite: true }));
  await client.send(new PutParameterCommand({ Name: 'who', Value: 'a,b', Type: 'StringList' }));
  await client.send(new PutParameterCommand({ Name: '/app/secret', Value: 'hunter2', Type: 'SecureString' }));
  expect(await say('echo {{ssm:/app/greeting}} {{ssm:who}} {{ssm:/app/greeting:1}}')).toMatchObject({
    Status: 'Success',
    StandardOutputContent: 'good morning a,b hello\n',
  });
  const refused = await say('echo {{ssm:/app/secret}}');
  expect(refused.Status).toBe('Failed');
  expect(`${refused.StandardOutputContent}${refused.StandardErrorContent}`).toContain('SecureString');
  expect(JSON.stringify(refused)).not.toContain('hunter2');
  expect((await say('echo {{ssm:/app/nobody}}')).StandardErrorContent).toContain('/app/nobody');
});
