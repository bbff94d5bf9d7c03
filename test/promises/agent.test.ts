/** The agent as a process of its own against Flotilla as a process of its own, through AWS's client. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CancelCommandCommand,
  CreateDocumentCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type GetCommandInvocationCommandOutput,
  type SendCommandCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientOf,
  eventually,
  startAgent,
  startServer,
  type AgentProcess,
  type ServerProcess,
} from '../support/flotilla-process.ts';
import { gone, pidIn } from '../support/processes.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
const data = path.join(folder, 'data');
const events = path.join(folder, 'events');
let server: ServerProcess;
let agent: AgentProcess;
let client: SSMClient;

beforeAll(async () => {
  server = await startServer(data, 0, events);
  client = clientOf(server.connection, 3);
  agent = await startAgent(client, server.connection, path.join(folder, 'agent'));
});
afterAll(async () => {
  await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
});

async function send(
  commands: string[],
  more: Partial<SendCommandCommandInput> = {},
  parameters: Record<string, string[]> = {},
): Promise<string> {
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [agent.nodeId],
      Parameters: { commands, ...parameters },
      ...more,
    }),
  );
  return Command!.CommandId!;
}

const get = (CommandId: string, PluginName?: string) =>
  client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: agent.nodeId, PluginName }));

function end(commandId: string): Promise<GetCommandInvocationCommandOutput> {
  return eventually(`the end of ${commandId}`, async () => {
    const invocation = await get(commandId);
    return ['Pending', 'InProgress', 'Delayed', 'Cancelling'].includes(invocation.Status!) ? undefined : invocation;
  });
}

describe('a command', () => {
  test('runs, and its output, code and times come back', async () => {
    expect(await end(await send(['echo out', 'echo err >&2']))).toMatchObject({
      Status: 'Success',
      StatusDetails: 'Success',
      ResponseCode: 0,
      StandardOutputContent: 'out\n',
      StandardErrorContent: 'err\n',
      ExecutionElapsedTime: expect.stringMatching(/^PT[\d.]+S$/) as string,
    });
  });

  test('fails with its own code', async () => {
    expect(await end(await send(['exit 7']))).toMatchObject({
      Status: 'Failed',
      ResponseCode: 7,
      StandardErrorContent: 'failed to run commands: exit status 7',
    });
  });

  test('times out', async () => {
    expect(await end(await send(['sleep 60'], {}, { executionTimeout: ['5'] }))).toMatchObject({
      Status: 'TimedOut',
      StatusDetails: 'ExecutionTimedOut',
      ResponseCode: 137,
    });
  });

  test('is cancelled with all it has started', async () => {
    const child = path.join(folder, 'child');
    const id = await send([`sleep 3600 & echo $! > ${child}; wait`]);
    const pid = await pidIn(child);
    await client.send(new CancelCommandCommand({ CommandId: id }));
    expect(await end(id)).toMatchObject({ Status: 'Cancelled', ResponseCode: 137 });
    await gone(pid);
  });

  test('shows its output while it runs', async () => {
    const go = path.join(folder, 'go-on');
    const id = await send(['echo so far', `while [ ! -e ${go} ]; do sleep 0.1; done`, 'echo the end']);
    expect(
      await eventually('output of the running command', async () =>
        (await get(id)).StandardOutputContent === 'so far\n' ? (await get(id)).Status : undefined,
      ),
    ).toBe('InProgress');
    writeFileSync(go, '');
    expect((await end(id)).StandardOutputContent).toBe('so far\nthe end\n');
  });

  test('that asks for a reboot is told what a service would do', async () => {
    expect(await end(await send(['exit 194']))).toMatchObject({
      Status: 'Failed',
      ResponseCode: 194,
      StandardErrorContent: expect.stringMatching(/not installed as a service/) as string,
    });
  });

  test('leaves its full output in S3, and its first 24,000 characters in the answer', async () => {
    const s3 = new S3Client({
      endpoint: server.connection.endpoint,
      region: server.connection.region,
      credentials: server.connection,
      forcePathStyle: true,
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'outputs' }));
    const id = await send(['seq 1 20000'], { OutputS3BucketName: 'outputs', OutputS3KeyPrefix: 'runs' });
    const invocation = await end(id);
    expect(invocation.StandardOutputContent).toHaveLength(24_000);
    expect(invocation.StandardOutputContent).toMatch(/--output truncated--$/);
    const Key = `runs/${id}/${agent.nodeId}/awsrunShellScript/0.awsrunShellScript/stdout`;
    expect(invocation.StandardOutputUrl).toBe(`${server.connection.endpoint}/outputs/${Key}`);
    const object = await s3.send(new GetObjectCommand({ Bucket: 'outputs', Key }));
    expect(await object.Body!.transformToString()).toBe(
      Array.from({ length: 20_000 }, (_, place) => `${place + 1}\n`).join(''),
    );
  });
});

test('a document of two steps: one skipped by its precondition, one with parameters', async () => {
  const content = {
    schemaVersion: '2.2',
    parameters: { who: { type: 'String', default: 'nobody' }, lines: { type: 'StringList' } },
    mainSteps: [
      {
        action: 'aws:runPowerShellScript',
        name: 'onWindows',
        precondition: { StringEquals: ['platformType', 'Windows'] },
        inputs: { runCommand: ['exit 1'] },
      },
      {
        action: 'aws:runShellScript',
        name: 'onLinux',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { runCommand: ['echo hello {{ who }}', '{{ lines }}'] },
      },
    ],
  };
  await client.send(
    new CreateDocumentCommand({ Name: 'Greet', DocumentType: 'Command', Content: JSON.stringify(content) }),
  );
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'Greet',
      InstanceIds: [agent.nodeId],
      Parameters: { lines: ['echo one', 'echo two'] },
    }),
  );
  const whole = await end(Command!.CommandId!);
  expect(whole).toMatchObject({ Status: 'Success', PluginName: '', StandardOutputContent: '' });
  expect(await get(Command!.CommandId!, 'onLinux')).toMatchObject({
    Status: 'Success',
    StandardOutputContent: 'hello nobody\none\ntwo\n',
  });
  const listed = await client.send(new ListCommandInvocationsCommand({ CommandId: Command!.CommandId, Details: true }));
  expect(listed.CommandInvocations![0]!.CommandPlugins!.map((plugin) => [plugin.Name, plugin.Status])).toEqual([
    ['onWindows', 'Success'],
    ['onLinux', 'Success'],
  ]);
  await expect(get(Command!.CommandId!, 'nowhere')).rejects.toMatchObject({ name: 'InvalidPluginName' });
});

test("a document runs another, which was downloaded or is the service's; the full output of both is kept", async () => {
  const inner = {
    schemaVersion: '2.2',
    parameters: { who: { type: 'String', allowedValues: ['you', 'me'] } },
    mainSteps: [
      { action: 'aws:runShellScript', name: 'greet', inputs: { runCommand: ['echo for {{ who }}', 'seq 1 9000'] } },
    ],
  };
  await client.send(
    new CreateDocumentCommand({ Name: 'Inner', DocumentType: 'Command', Content: JSON.stringify(inner) }),
  );
  const outer = {
    schemaVersion: '2.2',
    mainSteps: [
      {
        action: 'aws:downloadContent',
        name: 'fetch',
        inputs: { sourceType: 'SSMDocument', sourceInfo: '{"name":"Inner"}', destinationPath: 'inner.json' },
      },
      {
        action: 'aws:runDocument',
        name: 'downloaded',
        inputs: { documentType: 'LocalPath', documentPath: 'inner.json', documentParameters: { who: 'you' } },
      },
      {
        action: 'aws:runDocument',
        name: 'named',
        inputs: { documentType: 'SSMDocument', documentPath: 'Inner', documentParameters: '{"who":"me"}' },
      },
      {
        action: 'aws:runDocument',
        name: 'refused',
        inputs: { documentType: 'SSMDocument', documentPath: 'Inner', documentParameters: '{"who":"them"}' },
      },
    ],
  };
  await client.send(
    new CreateDocumentCommand({ Name: 'Outer', DocumentType: 'Command', Content: JSON.stringify(outer) }),
  );
  const { Command } = await client.send(
    new SendCommandCommand({ DocumentName: 'Outer', InstanceIds: [agent.nodeId], OutputS3BucketName: 'outputs' }),
  );
  const id = Command!.CommandId!;
  expect(await end(id)).toMatchObject({ Status: 'Failed' });
  expect(await get(id, 'downloaded')).toMatchObject({
    Status: 'Success',
    StandardOutputContent: expect.stringMatching(/^for you\n1\n2\n/) as string,
  });
  expect(await get(id, 'named')).toMatchObject({
    Status: 'Success',
    StandardOutputContent: expect.stringMatching(/^for me\n1\n2\n/) as string,
  });
  expect(await get(id, 'refused')).toMatchObject({
    Status: 'Failed',
    StandardErrorContent: expect.stringMatching(/allowedValues/) as string,
  });
  const s3 = new S3Client({
    endpoint: server.connection.endpoint,
    region: server.connection.region,
    credentials: server.connection,
    forcePathStyle: true,
  });
  const object = await s3.send(
    new GetObjectCommand({ Bucket: 'outputs', Key: `${id}/${agent.nodeId}/awsrunDocument/named/stdout` }),
  );
  expect((await object.Body!.transformToString()).split('\n').slice(-3)).toEqual(['8999', '9000', '']);
});

test('an agent that is stopped cancels what runs and says so before it goes', async () => {
  const child = path.join(folder, 'child-of-stopped');
  const id = await send(['echo begun', `sleep 3600 & echo $! > ${child}; wait`]);
  await pidIn(child);
  await agent.kill('SIGTERM');
  // No agent is there any more: what is known it has told.
  expect(await get(id)).toMatchObject({ Status: 'Cancelled', ResponseCode: 137, StandardOutputContent: 'begun\n' });
  agent = await startAgent(client, server.connection, agent.stateFolder);
});

test('five run at once, the others wait their turn', async () => {
  const marks = path.join(folder, 'marks');
  mkdirSync(marks);
  const ids = await Promise.all(
    Array.from({ length: 12 }, (_, place) =>
      send([`touch ${marks}/${place}`, 'sleep 1', `ls ${marks} | wc -l`, `rm ${marks}/${place}`]),
    ),
  );
  for (const id of ids) {
    const { StandardOutputContent, Status } = await end(id);
    expect(Status).toBe('Success');
    expect(Number(StandardOutputContent)).toBeLessThanOrEqual(5);
  }
  expect(readdirSync(marks)).toEqual([]);
});

test('a restart of Flotilla in the middle of a command does not lose its result', async () => {
  const go = path.join(folder, 'go');
  const over = path.join(folder, 'over');
  const id = await send([`while [ ! -e ${go} ]; do sleep 0.1; done`, 'echo survived', `touch ${over}`]);
  await eventually('the command to run', async () => ((await get(id)).Status === 'InProgress' ? true : undefined));
  const port = Number(new URL(server.connection.endpoint).port);
  await server.kill('SIGTERM');
  writeFileSync(go, '');
  await eventually('the end of the script', () => (existsSync(over) ? true : undefined));
  server = await startServer(data, port, events);
  expect(await end(id)).toMatchObject({ Status: 'Success', StandardOutputContent: 'survived\n' });
});

test('what a kill of the agent cut off is told as failed, and not run again', async () => {
  const runs = path.join(folder, 'runs');
  const script = path.join(folder, 'script');
  const id = await send([`echo run >> ${runs}`, `echo $$ > ${script}; sleep 3600 & wait`]);
  const pid = await pidIn(script);
  await agent.kill('SIGKILL');
  agent = await startAgent(client, server.connection, agent.stateFolder);
  expect(await end(id)).toMatchObject({
    Status: 'Failed',
    StandardErrorContent: expect.stringMatching(/agent ended while this command was running/) as string,
  });
  expect(readFileSync(runs, 'utf8')).toBe('run\n');
  // The script that the dead agent left behind has been ended too.
  await gone(pid);
  expect(await end(await send(['echo next']))).toMatchObject({ Status: 'Success' });
});
