/**
 * Nobody but an admin reaches Flotilla's own machine: an agent that runs there as root or as Flotilla's own user can
 * read the admin's key. With a real server, a real agent on the same machine, and the keys of an admin and an operator.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  AddTagsToResourceCommand,
  CreateAssociationCommand,
  CreateDocumentCommand,
  DescribeAssociationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  PutParameterCommand,
  SendCommandCommand,
  StartAssociationsOnceCommand,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
  type SendCommandCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import type { Connection } from '../../local/connection-file.ts';
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
const data = path.join(folder, 'data');
let server: ServerProcess;
let agent: AgentProcess;
let admin: SSMClient;
let operator: SSMClient;
let asOperator: Connection;
let nodeId: string;

async function operatorOf(connection: Connection): Promise<Connection> {
  const key = await new Client(connection).call<{ AccessKeyId: string; SecretAccessKey: string }>('POST', '/x/keys', {
    Name: 'ops',
    Role: 'operator',
  });
  return { ...connection, accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
}

beforeAll(async () => {
  server = await startServer(data, 0, path.join(folder, 'events'));
  const { connection } = server;
  admin = clientOf(connection);
  asOperator = await operatorOf(connection);
  operator = clientOf(asOperator);
  agent = await startAgent(admin, connection, path.join(folder, 'agent'));
  ({ nodeId } = agent);
  await admin.send(
    new AddTagsToResourceCommand({
      ResourceType: 'ManagedInstance',
      ResourceId: nodeId,
      Tags: [{ Key: 'role', Value: 'flotilla' }],
    }),
  );
});
afterAll(async () => {
  await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
});

const shell = (...commands: string[]): Pick<SendCommandCommandInput, 'DocumentName' | 'Parameters'> => ({
  DocumentName: 'AWS-RunShellScript',
  Parameters: { commands },
});
const refused = (what: string | RegExp): object =>
  expect.objectContaining({ name: 'AccessDeniedException', message: expect.stringMatching(what) as string }) as object;

async function outcome(client: SSMClient, input: SendCommandCommandInput) {
  const { Command } = await client.send(new SendCommandCommand(input));
  return eventually('the end of the command', async () => {
    const found = await admin.send(
      new GetCommandInvocationCommand({ CommandId: Command!.CommandId, InstanceId: nodeId }),
    );
    return ['Pending', 'InProgress', 'Delayed'].includes(found.Status!) ? undefined : found;
  });
}

/** What all steps of a command put out on the node. */
async function outputOf(CommandId: string | undefined): Promise<string> {
  const { CommandInvocations } = await admin.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
  return CommandInvocations!.flatMap(({ CommandPlugins = [] }) => CommandPlugins.map(({ Output }) => Output)).join('');
}

const document = (command: string): string =>
  JSON.stringify({
    schemaVersion: '2.2',
    mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [command] } }],
  });

describe('a command', () => {
  const secret = shell(`cat ${path.join(data, 'connection.json')}`);

  test('of an operator that names the node is refused, and says why; nothing of it is kept', async () => {
    const before = (await admin.send(new ListCommandsCommand({}))).Commands!.length;
    await expect(operator.send(new SendCommandCommand({ ...secret, InstanceIds: [nodeId] }))).rejects.toEqual(
      refused(new RegExp(`ssm:SendCommand on resource: .*${nodeId}: its agent runs on Flotilla's own machine`)),
    );
    expect((await admin.send(new ListCommandsCommand({}))).Commands).toHaveLength(before);
  });

  test('of an operator that finds the node by a tag ends there as AccessDenied, and does not run', async () => {
    const end = await outcome(operator, { ...secret, Targets: [{ Key: 'tag:role', Values: ['flotilla'] }] });
    expect(end).toMatchObject({ Status: 'Failed', StatusDetails: 'AccessDenied', StandardOutputContent: '' });
    const [command] = (await admin.send(new ListCommandsCommand({ CommandId: end.CommandId }))).Commands!;
    expect(command).toMatchObject({ Status: 'Failed', TargetCount: 1, CompletedCount: 1, ErrorCount: 0 });
  });

  test('of an admin runs', async () => {
    const end = await outcome(admin, { ...shell('echo ran'), InstanceIds: [nodeId] });
    expect(end).toMatchObject({ Status: 'Success', StandardOutputContent: 'ran\n' });
  });

  test('of an admin does not run what an operator wrote, whichever way the document is named', async () => {
    await admin.send(
      new CreateDocumentCommand({ Name: 'Deploy', Content: document('echo one'), DocumentType: 'Command' }),
    );
    const run = { DocumentName: 'Deploy', InstanceIds: [nodeId] };
    expect(await outcome(admin, run)).toMatchObject({ Status: 'Success', StandardOutputContent: 'one\n' });
    await operator.send(
      new UpdateDocumentCommand({ Name: 'Deploy', Content: document('echo two'), DocumentVersion: '$LATEST' }),
    );
    await operator.send(new UpdateDocumentDefaultVersionCommand({ Name: 'Deploy', DocumentVersion: '2' }));
    for (const version of [undefined, '$LATEST', '2'])
      await expect(
        admin.send(new SendCommandCommand({ ...run, ...(version === undefined ? {} : { DocumentVersion: version }) })),
      ).rejects.toEqual(refused(nodeId));
    // Within a document of the service's own the node reads it by itself.
    const nested = await outcome(admin, {
      DocumentName: 'AWS-RunDocument',
      Parameters: { sourceType: ['SSMDocument'], sourceInfo: ['{"name":"Deploy"}'] },
      InstanceIds: [nodeId],
    });
    expect(nested).toMatchObject({ Status: 'Failed' });
    expect(await outputOf(nested.CommandId)).toContain(
      'version 2 of the document Deploy: it was not written by an admin',
    );
    expect(await outcome(admin, { ...run, DocumentVersion: '1' })).toMatchObject({ Status: 'Success' });
  });

  test('of an admin does not run with a parameter that an operator wrote', async () => {
    const put = (client: SSMClient, Value: string) =>
      client.send(new PutParameterCommand({ Name: '/deploy/greeting', Type: 'String', Value, Overwrite: true }));
    const run = { ...shell('echo {{ssm:/deploy/greeting}}'), InstanceIds: [nodeId] };
    await put(admin, 'hello');
    expect(await outcome(admin, run)).toMatchObject({ Status: 'Success', StandardOutputContent: 'hello\n' });
    await put(operator, `$(cat ${path.join(data, 'connection.json')})`);
    const end = await outcome(admin, run);
    expect(end).toMatchObject({ Status: 'Failed' });
    expect(end.StandardOutputContent).not.toContain('secretAccessKey');
    expect(JSON.stringify(end)).toContain(
      'version 2 of the parameter /deploy/greeting: it was not written by an admin',
    );
  });

  test('of an admin does not run a script that an operator stored', async () => {
    const s3 = (connection: Connection): S3Client =>
      new S3Client({
        endpoint: connection.endpoint,
        region: connection.region,
        credentials: connection,
        forcePathStyle: true,
      });
    const [ours, theirs] = [s3(server.connection), s3(asOperator)];
    await ours.send(new CreateBucketCommand({ Bucket: 'scripts' }));
    const object = (Body: string) => ({ Bucket: 'scripts', Key: 'run.sh', Body });
    const run = {
      DocumentName: 'AWS-RunRemoteScript',
      Parameters: {
        sourceType: ['S3'],
        sourceInfo: [JSON.stringify({ path: `${server.connection.endpoint}/scripts/run.sh` })],
        commandLine: ['sh run.sh'],
      },
      InstanceIds: [nodeId],
    };
    await ours.send(new PutObjectCommand(object('echo stored')));
    const stored = await outcome(admin, run);
    expect(stored).toMatchObject({ Status: 'Success' });
    expect(await outputOf(stored.CommandId)).toContain('stored\n');
    await theirs.send(new PutObjectCommand(object(`touch ${path.join(folder, 'stolen')}`)));
    expect(await outcome(admin, run)).toMatchObject({ Status: 'Failed' });
    expect(existsSync(path.join(folder, 'stolen'))).toBe(false);
    ours.destroy();
    theirs.destroy();
  });
});

const overview = async (AssociationId: string) =>
  (await admin.send(new DescribeAssociationCommand({ AssociationId }))).AssociationDescription!.Overview ?? {};

describe('an association', () => {
  const marker = (name: string): string => path.join(folder, name);

  test('of an operator that names the node is refused', async () => {
    await expect(
      operator.send(
        new CreateAssociationCommand({
          Name: 'AWS-RunShellScript',
          Parameters: { commands: ['true'] },
          Targets: [{ Key: 'InstanceIds', Values: [nodeId] }],
        }),
      ),
    ).rejects.toEqual(refused(nodeId));
  });

  test('of an operator that finds the node is skipped there', async () => {
    const { AssociationDescription } = await operator.send(
      new CreateAssociationCommand({
        Name: 'AWS-RunShellScript',
        Parameters: { commands: [`touch ${marker('by-operator')}`] },
        Targets: [{ Key: 'InstanceIds', Values: ['*'] }],
      }),
    );
    const AssociationId = AssociationDescription!.AssociationId!;
    await eventually('the end of the association', async () =>
      (await overview(AssociationId)).AssociationStatusAggregatedCount?.['Skipped'] === 1 ? true : undefined,
    );
    expect(existsSync(marker('by-operator'))).toBe(false);
  });

  test('of an admin runs, and stops where an operator has changed its document', async () => {
    await admin.send(
      new CreateDocumentCommand({ Name: 'Mark', Content: document(`touch ${marker('one')}`), DocumentType: 'Command' }),
    );
    const { AssociationDescription } = await admin.send(
      new CreateAssociationCommand({
        Name: 'Mark',
        DocumentVersion: '$LATEST',
        Targets: [{ Key: 'InstanceIds', Values: [nodeId] }],
      }),
    );
    const AssociationId = AssociationDescription!.AssociationId!;
    await eventually('the run', async () => ((await overview(AssociationId)).Status === 'Success' ? true : undefined));
    expect(existsSync(marker('one'))).toBe(true);
    await operator.send(
      new UpdateDocumentCommand({
        Name: 'Mark',
        Content: document(`touch ${marker('two')}`),
        DocumentVersion: '$LATEST',
      }),
    );
    await operator.send(new StartAssociationsOnceCommand({ AssociationIds: [AssociationId] }));
    await eventually('the second run', async () =>
      (await overview(AssociationId)).AssociationStatusAggregatedCount?.['Skipped'] === 1 ? true : undefined,
    );
    expect(existsSync(marker('two'))).toBe(false);
  });
});
