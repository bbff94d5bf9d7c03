/**
 * A scan from SendCommand to DescribeInstancePatches: AWS's own client over HTTP, the document's own text run by sh
 * against a package repository of our own, events through their routes. The test plays the agent, no more.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  DescribeInstancePatchesCommand,
  DescribeInstancePatchStatesCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../core/clock.ts';
import { routes } from '../../events/routes.ts';
import { tables } from '../../functions/api/tables.ts';
import { nodePatchState, repositoriesUnreachable } from '../../functions/node-tools/patch-manager/index.ts';
import { recordDelivery, recordReply } from '../../functions/node-tools/run-command/index.ts';
import { renderCommand } from '../../functions/node-tools/run-command/messages.ts';
import { commandMessageId } from '../../functions/node-tools/run-command/messages.ts';
import { room as runCommandRoom } from '../../functions/node-tools/run-command/room.ts';
import { recordPing } from '../../functions/nodes/index.ts';
import type { DiskFiles } from '../../local/disk-files.ts';
import { startDispatcher } from '../../local/dispatcher.ts';
import { archives, expected, installed, preferences } from '../functions/node-tools/patch-manager/scan/known-node.ts';
import {
  makeNode as makeNodeFolder,
  serveArchives,
  type NodeFolder,
  type RunningRepository,
} from '../functions/node-tools/patch-manager/scan/package-repository.ts';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';
import { fileText, openDiskFiles } from '../support/files-door.ts';
import { expectNothingRefused, loadGuarded } from '../support/guarded.ts';
import { testStart } from '../support/state.ts';

const runCommand = runCommandRoom.operations.ssm;

interface Payload {
  readonly DocumentContent: {
    readonly mainSteps: readonly [
      { readonly name: string; readonly inputs: { readonly runCommand: readonly string[] } },
    ];
  };
  readonly Parameters: Readonly<Record<string, string>>;
  readonly OutputS3BucketName: string;
  readonly OutputS3KeyPrefix: string;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe.runIf(spawnSync('apt-get', ['--version']).status === 0)('a scan of a Debian node', () => {
  let flotilla: FrontDoor;
  let client: SSMClient;
  let files: DiskFiles;
  let repository: RunningRepository;
  let folder: string;
  let machine: NodeFolder;
  let node: string;
  let dispatcher: ReturnType<typeof startDispatcher>;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'flotilla-scan-'));
    files = openDiskFiles(folder, new ManualClock(testStart));
    flotilla = await openFrontDoor({
      files,
      tables: { ...tables, operations: { ...tables.operations, ssm: { ...tables.operations.ssm, ...runCommand } } },
    });
    await files.createBucket(flotilla.context.serviceBucket);
    client = new SSMClient({
      endpoint: flotilla.endpoint,
      region: 'us-east-1',
      credentials: flotilla.credentials,
      maxAttempts: 1,
    });
    dispatcher = startDispatcher({ state: flotilla.state, routes, load: loadGuarded, context: flotilla.context });
    node = await makeNode(flotilla.context);
    await recordPing(flotilla.context, node, {
      platformType: 'Linux',
      platformName: 'Debian GNU/Linux',
      platformVersion: '12',
    });
    repository = await serveArchives(archives);
    machine = makeNodeFolder(folder, repository.url, archives, installed, preferences);
  });
  afterEach(async () => {
    await dispatcher.stop();
    client.destroy();
    await flotilla.close();
    await files.close();
    await repository.close();
    expectNothingRefused();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What an agent does with the message: runs the step, uploads its output where the payload says, replies. */
  async function runAsAgent(commandId: string): Promise<void> {
    const messageId = commandMessageId(commandId, node);
    const rendered = await renderCommand({ commandId }, node, flotilla.context);
    const payload = JSON.parse(rendered?.content ?? '{}') as Payload;
    await recordDelivery({ nodeId: node, messageId }, flotilla.context);
    const [step] = payload.DocumentContent.mainSteps;
    const script = step.inputs.runCommand
      .join('\n')
      .replace(/\{\{ *(\w+) *\}\}/g, (_all, name: string) => payload.Parameters[name] ?? '');
    const ran = await new Promise<Ran>((resolve) => {
      execFile(
        'sh',
        ['-c', script],
        { env: machine.environment, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
    await files.put(
      payload.OutputS3BucketName,
      `${payload.OutputS3KeyPrefix}/${commandId}/${node}/awsrunShellScript/${step.name}/stdout`,
      Buffer.from(ran.stdout),
    );
    const status = ran.code === 0 ? 'Success' : 'Failed';
    const result = {
      name: 'aws:runShellScript',
      code: ran.code,
      status,
      output: '',
      standardOutput: ran.stdout.slice(0, 24_000),
      standardError: ran.stderr,
      startDateTime: '2026-01-05T09:00:00Z',
      endDateTime: '2026-01-05T09:00:02Z',
    };
    await recordReply(
      {
        nodeId: node,
        messageId,
        payload: { documentStatus: status, documentTraceOutput: '', runtimeStatus: { [step.name]: result } },
      },
      flotilla.context,
    );
  }

  async function scan(parameters: Record<string, string[]> = {}): Promise<string> {
    const { Command } = await client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunPatchBaseline',
        InstanceIds: [node],
        Parameters: { Operation: ['Scan'], ...parameters },
      }),
    );
    const commandId = Command?.CommandId ?? '';
    await runAsAgent(commandId);
    return commandId;
  }

  const state = async () =>
    (await client.send(new DescribeInstancePatchStatesCommand({ InstanceIds: [node] }))).InstancePatchStates?.[0];

  test('exactly what is missing is reported, through the API and in the reports', async () => {
    const commandId = await scan();
    await expect
      .poll(state)
      .toMatchObject({
        InstanceId: node,
        MissingCount: 6,
        InstalledCount: 2,
        InstalledOtherCount: 4,
        SecurityNonCompliantCount: 6,
        Operation: 'Scan',
      });
    const { Patches = [] } = await client.send(new DescribeInstancePatchesCommand({ InstanceId: node }));
    expect(Patches.map(({ State, Title, Severity }) => `${State} ${Title} ${Severity}`)).toEqual(expected);
    const { Patches: missing = [] } = await client.send(
      new DescribeInstancePatchesCommand({ InstanceId: node, Filters: [{ Key: 'State', Values: ['Missing'] }] }),
    );
    expect(missing.map(({ KBId }) => KBId)).toEqual(
      expected.filter((row) => row.startsWith('Missing')).map((row) => row.split(' ')[1]?.split(':')[0]),
    );

    const { reports, counts } = (await nodePatchState(flotilla.context, node)) ?? {};
    expect(counts?.missingBySeverity).toEqual({ Important: 1, Optional: 3, Standard: 1, Extra: 1 });
    expect(reports).toEqual({
      bucket: flotilla.context.serviceBucket,
      csvKey: `reports/patch/${node}/${commandId}.csv`,
      jsonKey: `reports/patch/${node}/${commandId}.json`,
    });
    expect(
      (await fileText(files, reports?.bucket ?? '', reports?.csvKey ?? ''))
        ?.split('\r\n')
        .filter((line) => line.includes(',Missing,')),
    ).toHaveLength(6);
  });

  test('while the repositories are out of reach, the invocation fails with a status of its own and the last state stays', async () => {
    await scan();
    await expect.poll(state).toBeDefined();
    const before = await state();
    repository.refuse('/');
    rmSync(path.join(folder, 'scan'), { recursive: true });
    flotilla.clock.advance(1000);
    const commandId = await scan();
    const invocation = await client.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: node }));
    expect(invocation).toMatchObject({ Status: 'Failed', ResponseCode: repositoriesUnreachable });
    expect(invocation.StandardErrorContent).toContain('could not be reached');
    expect(await state()).toEqual(before);
  });

  test('Operation=Install is refused on the node, and nothing is recorded', async () => {
    const { Command } = await client.send(
      new SendCommandCommand({
        DocumentName: 'AWS-RunPatchBaseline',
        InstanceIds: [node],
        Parameters: { Operation: ['Install'] },
      }),
    );
    await runAsAgent(Command?.CommandId ?? '');
    const invocation = await client.send(
      new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: node }),
    );
    expect(invocation).toMatchObject({ Status: 'Failed', ResponseCode: 1 });
    expect(invocation.StandardErrorContent).toContain('not available yet');
    expect(await state()).toBeUndefined();
  });

  test('a parameter reaches the node word for word: no shell reads it', async () => {
    await scan({
      InstallOverrideList: ['s3://bucket/$(id)'],
      RebootOption: ['NoReboot'],
      SnapshotId: ['11111111-2222-4333-8444-555555555555'],
    });
    await expect
      .poll(state)
      .toMatchObject({
        InstallOverrideList: 's3://bucket/$(id)',
        RebootOption: 'NoReboot',
        SnapshotId: '11111111-2222-4333-8444-555555555555',
      });
  });

  test('parameters that could leave their quotes are refused before any node sees them', async () => {
    for (const value of [
      "https://example.com/'$(id)'",
      's3://bucket/a b',
      'https://example.com/`id`',
      'https://example.com/\n',
    ])
      await expect(
        client.send(
          new SendCommandCommand({
            DocumentName: 'AWS-RunPatchBaseline',
            InstanceIds: [node],
            Parameters: { Operation: ['Scan'], InstallOverrideList: [value] },
          }),
        ),
        value,
      ).rejects.toMatchObject({ name: 'InvalidParameters' });
  });
});
