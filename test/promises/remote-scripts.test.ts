/** AWS-RunRemoteScript and its kin through a real agent: from S3, from repositories, and what goes wrong on the way. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateDocumentCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
const repository = path.join(folder, 'repository');
let server: ServerProcess;
let agent: AgentProcess;
let ssm: SSMClient;
let commit: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
    cwd: repository,
    encoding: 'utf8',
  }).trim();

beforeAll(async () => {
  mkdirSync(path.join(repository, 'scripts'), { recursive: true });
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(path.join(repository, 'scripts', 'hello.sh'), 'echo "old $1"\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  commit = git('rev-parse', 'HEAD');
  writeFileSync(path.join(repository, 'scripts', 'hello.sh'), '#!/bin/sh\necho "hello $1"; exit "$2"\n');
  git('commit', '--quiet', '-am', 'two');

  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  const { connection } = server;
  ssm = clientOf(connection);
  agent = await startAgent(ssm, connection, path.join(folder, 'agent'));
  const s3 = new S3Client({
    endpoint: connection.endpoint,
    region: connection.region,
    credentials: connection,
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'scripts' }));
  await s3.send(
    new PutObjectCommand({ Bucket: 'scripts', Key: 'deploy/run.sh', Body: '. ./part.sh; echo "ran $part"\n' }),
  );
  await s3.send(new PutObjectCommand({ Bucket: 'scripts', Key: 'deploy/part.sh', Body: 'part=all\n' }));
  s3.destroy();
});

afterAll(async () => {
  await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
});

async function run(
  DocumentName: string,
  Parameters: Record<string, string[]>,
  PluginName?: string,
): Promise<{ status: string; code: number; out: string; err: string }> {
  const { Command } = await ssm.send(new SendCommandCommand({ DocumentName, InstanceIds: [agent.nodeId], Parameters }));
  const which = { CommandId: Command!.CommandId!, InstanceId: agent.nodeId };
  await eventually(`${DocumentName} to end`, async () =>
    ['Pending', 'InProgress', 'Delayed'].includes((await ssm.send(new GetCommandInvocationCommand(which))).Status!)
      ? undefined
      : true,
  );
  const end = await ssm.send(new GetCommandInvocationCommand({ ...which, PluginName }));
  return {
    status: end.Status!,
    code: end.ResponseCode!,
    out: end.StandardOutputContent!,
    err: end.StandardErrorContent!,
  };
}
const remote = (sourceType: string, sourceInfo: object, commandLine: string, step = 'runShellScript') =>
  run(
    'AWS-RunRemoteScript',
    { sourceType: [sourceType], sourceInfo: [JSON.stringify(sourceInfo)], commandLine: [commandLine] },
    step,
  );

describe('AWS-RunRemoteScript', () => {
  test('a folder in S3: its scripts find one another', async () => {
    expect(await remote('S3', { path: 'https://s3.amazonaws.com/scripts/deploy/' }, 'run.sh')).toMatchObject({
      status: 'Success',
      out: 'ran all\n',
    });
  });

  test('a folder of a repository, at its default branch; the exit code is the script’s', async () => {
    expect(
      await remote('Git', { repository: `file://${repository}`, path: 'scripts' }, 'hello.sh world 0'),
    ).toMatchObject({ status: 'Success', code: 0, out: 'hello world\n' });
    expect(
      await remote('Git', { repository: `file://${repository}`, path: 'scripts' }, 'hello.sh world 7'),
    ).toMatchObject({ status: 'Failed', code: 7 });
  });

  test('one file, of a branch and of a commit', async () => {
    expect(
      await remote(
        'Git',
        { repository: `file://${repository}`, path: 'scripts/hello.sh', getOptions: 'branch:main' },
        './hello.sh branch 0',
      ),
    ).toMatchObject({ status: 'Success', out: 'hello branch\n' });
    expect(
      await remote(
        'Git',
        { repository: `file://${repository}`, path: 'scripts/hello.sh', getOptions: `commitID:${commit}` },
        'sh hello.sh commit',
      ),
    ).toMatchObject({ status: 'Success', out: 'old commit\n' });
  });

  test.each<[string, string, object, RegExp]>([
    ['a branch that is not there', 'Git', { getOptions: 'branch:absent' }, /couldn't find remote ref/],
    ['a path that is not there', 'Git', { path: 'absent' }, /absent is not in file:/],
    ['options that are none', 'Git', { getOptions: 'tag:v1' }, /must be branch:NAME or commitID:HASH/],
    [
      'options that git would take for its own',
      'Git',
      { getOptions: 'branch:--upload-pack=touch' },
      /must be branch:NAME/,
    ],
    ['a repository without an owner', 'GitHub', { repository: 'a' }, /owner and repository must be named/],
  ])('%s fails the download, and nothing runs', async (_what, sourceType, more, message) => {
    const source = { ...(sourceType === 'Git' ? { repository: `file://${repository}` } : {}), ...more };
    const download = await remote(sourceType, source, 'echo never', 'downloadContent');
    expect(download.status).toBe('Failed');
    expect(`${download.out}${download.err}`).toMatch(message);
  });
});

test('AWS-RunDocument fetches a document from a repository and runs it with its parameters', async () => {
  writeFileSync(
    path.join(repository, 'say.yaml'),
    'schemaVersion: "2.2"\nparameters: {who: {type: String}}\nmainSteps:\n- {action: "aws:runShellScript", name: say, inputs: {runCommand: ["echo hi {{ who }}"]}}\n',
  );
  git('add', '.');
  git('commit', '--quiet', '-m', 'three');
  const end = await run(
    'AWS-RunDocument',
    {
      sourceType: ['Git'],
      sourceInfo: [JSON.stringify({ repository: `file://${repository}`, path: 'say.yaml' })],
      documentParameters: ['{"who":"you"}'],
    },
    'runDocument',
  );
  expect(end).toMatchObject({ status: 'Success' });
  expect(end.out).toContain('hi you');
});

test('AWS-Noop does nothing, and succeeds', async () => {
  expect(await run('AWS-Noop', {}, 'noopOnUnix')).toMatchObject({ status: 'Success', code: 0, out: '' });
});

test('a document of our own may fetch and run too', async () => {
  const Content = JSON.stringify({
    schemaVersion: '2.2',
    mainSteps: [
      {
        action: 'aws:downloadContent',
        name: 'fetch',
        inputs: {
          sourceType: 'S3',
          sourceInfo: '{"path":"https://s3.amazonaws.com/scripts/deploy/part.sh"}',
          destinationPath: 'here/',
        },
      },
      { action: 'aws:runShellScript', name: 'show', inputs: { runCommand: ['cat here/part.sh'] } },
    ],
  });
  await ssm.send(new CreateDocumentCommand({ Name: 'FetchAndShow', Content }));
  expect(await run('FetchAndShow', {}, 'show')).toMatchObject({ status: 'Success', out: 'part=all\n' });
});
