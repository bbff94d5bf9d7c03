/** AWS's own agent, over both of its channels: Run Command, and every kind of document there is for it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  AddTagsToResourceCommand,
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAmazonAgent } from '../support/amazon-ssm-agent.ts';
import { AmazonAgentFixture } from '../support/amazon-ssm-agent-fixture.ts';
import { eventually } from '../support/flotilla-process.ts';

const { folder: binaries = '', title } = findAmazonAgent();

describe.skipIf(binaries === '').each(['ssmmessages', 'ec2messages'] as const)(
  `amazon-ssm-agent (${title}), by %s`,
  (channel) => {
    let fixture: AmazonAgentFixture;
    beforeAll(async () => {
      fixture = await AmazonAgentFixture.open({ binaries, channel, hosts: ['outputs.localhost'] });
    });
    afterAll(() => fixture?.close());

    test('the node says what it is, and has the tags of its activation', async () => {
      const { nodeId } = fixture.machine;
      const { InstanceInformationList: nodes } = await fixture.client.send(new DescribeInstanceInformationCommand({}));
      expect(nodes).toMatchObject([
        {
          InstanceId: nodeId,
          PingStatus: 'Online',
          AgentVersion: title,
          PlatformType: 'Linux',
          ResourceType: 'ManagedInstance',
          IamRole: 'FlotillaNode',
        },
      ]);
      const { TagList } = await fixture.client.send(
        new ListTagsForResourceCommand({ ResourceType: 'ManagedInstance', ResourceId: nodeId }),
      );
      expect(TagList).toEqual([{ Key: 'agent', Value: 'amazon' }]);
    });

    describe('a script', () => {
      test('runs, and its output, code and times come back', async () => {
        expect(
          await fixture.run(['echo out', 'echo err >&2', 'echo $AWS_SSM_INSTANCE_ID $AWS_SSM_REGION_NAME']),
        ).toMatchObject({
          Status: 'Success',
          StatusDetails: 'Success',
          ResponseCode: 0,
          PluginName: 'aws:runShellScript',
          StandardOutputContent: `out\n${fixture.machine.nodeId} us-east-1\n`,
          StandardErrorContent: 'err\n',
          ExecutionElapsedTime: expect.stringMatching(/^PT[\d.]+S$/) as string,
        });
      });

      test.each([
        ['exit 7', 'Failed', 7],
        ['exit 168', 'Success', 168],
        ['exit 169', 'Failed', 169],
        // The agent's rule: 137 is how a script ends that ran out of time. A signal counts where it meets the shell
        // itself.
        ['kill -9 $$', 'TimedOut', 137],
        ['kill -9 $PPID', 'Failed', -1],
        ['nosuchcommand', 'Failed', 127],
      ])('%s: %s, %i', async (command, Status, ResponseCode) => {
        expect(await fixture.run([command])).toMatchObject({ Status, ResponseCode });
      });

      test('times out', async () => {
        expect(await fixture.run(['echo begun', 'sleep 60'], { executionTimeout: ['5'] })).toMatchObject({
          Status: 'TimedOut',
          StatusDetails: 'ExecutionTimedOut',
          ResponseCode: 137,
          StandardOutputContent: 'begun\n',
        });
      });

      test('is cancelled with all it has started', async () => {
        const alive = path.join(fixture.folder, 'alive');
        const id = await fixture.script([`(while true; do date +%N > ${alive}; sleep 0.05; done) & wait`]);
        await eventually('the script', () => (existsSync(alive) ? true : undefined));
        await fixture.client.send(new CancelCommandCommand({ CommandId: id }));
        expect(await fixture.end(id)).toMatchObject({
          Status: 'Cancelled',
          StatusDetails: 'Cancelled',
          ResponseCode: 137,
        });
        const last = readFileSync(alive, 'utf8');
        await new Promise((resolve) => setTimeout(resolve, 300));
        expect(readFileSync(alive, 'utf8')).toBe(last);
      });

      test('of too much output is cut in the answer and whole in S3', async () => {
        await fixture.s3.send(new CreateBucketCommand({ Bucket: 'outputs' }));
        const lines = Array.from({ length: 20_000 }, (_, place) => `${place + 1}\n`).join('');
        const invocation = await fixture.run(
          ['seq 1 20000', 'seq 1 20000 >&2'],
          {},
          { OutputS3BucketName: 'outputs', OutputS3KeyPrefix: 'runs' },
        );
        expect(invocation.StandardOutputContent).toHaveLength(24_000);
        expect(invocation.StandardOutputContent).toMatch(/^1\n2\n[^]*--output truncated--$/);
        expect(invocation.StandardErrorContent).toHaveLength(8_000);
        for (const stream of ['stdout', 'stderr'])
          expect(
            await fixture.object(
              'outputs',
              `runs/${invocation.CommandId}/${fixture.machine.nodeId}/awsrunShellScript/0.awsrunShellScript/${stream}`,
            ),
          ).toBe(lines);
        expect(invocation.StandardOutputUrl).toBe(
          `${fixture.server.connection.endpoint}/outputs/runs/${invocation.CommandId}/${fixture.machine.nodeId}/awsrunShellScript/0.awsrunShellScript/stdout`,
        );
      });

      test('more of them than the agent takes at once: all run, each once', async () => {
        const ran = path.join(fixture.folder, 'ran');
        const ids = await Promise.all(
          Array.from({ length: 14 }, (_, place) => fixture.script([`echo ${place} >> ${ran}`, 'sleep 1'])),
        );
        for (const id of ids) expect(await fixture.end(id)).toMatchObject({ Status: 'Success' });
        expect(
          readFileSync(ran, 'utf8')
            .trim()
            .split('\n')
            .map(Number)
            .sort((a, b) => a - b),
        ).toEqual(Array.from({ length: 14 }, (_, place) => place));
      });

      test('goes to nodes by tag', async () => {
        await fixture.client.send(
          new AddTagsToResourceCommand({
            ResourceType: 'ManagedInstance',
            ResourceId: fixture.machine.nodeId,
            Tags: [{ Key: 'role', Value: channel }],
          }),
        );
        const { Command } = await fixture.client.send(
          new SendCommandCommand({
            DocumentName: 'AWS-RunShellScript',
            Targets: [{ Key: 'tag:role', Values: [channel] }],
            Parameters: { commands: ['echo tagged'] },
          }),
        );
        expect(await fixture.end(Command!.CommandId!)).toMatchObject({
          Status: 'Success',
          StandardOutputContent: 'tagged\n',
        });
      });
    });

    test('{{ssm:…}} is asked for by the node itself, by name and version; a secret, what is not there, and a label fail the command', async () => {
      await fixture.client.send(
        new PutParameterCommand({ Name: '/app/greeting', Value: 'hello', Type: 'String', Overwrite: true }),
      );
      const { Version } = await fixture.client.send(
        new PutParameterCommand({ Name: '/app/greeting', Value: 'good morning', Overwrite: true }),
      );
      await fixture.client.send(
        new PutParameterCommand({ Name: '/app/secret', Value: 'hunter2', Type: 'SecureString', Overwrite: true }),
      );
      expect(await fixture.run([`echo {{ssm:/app/greeting}} {{ssm:/app/greeting:${Version! - 1}}}`])).toMatchObject({
        Status: 'Success',
        StandardOutputContent: 'good morning hello\n',
      });
      const refused = await fixture.run(['echo {{ssm:/app/secret}}']);
      expect(refused.Status).toBe('Failed');
      expect(JSON.stringify(refused)).not.toContain('hunter2');
      expect((await fixture.run(['echo {{ssm:/app/nobody}}'])).Status).toBe('Failed');
      // The agent's rule: it looks the answer up by name and number, and a label is neither.
      await fixture.client.send(
        new LabelParameterVersionCommand({ Name: '/app/greeting', ParameterVersion: Version, Labels: ['now'] }),
      );
      expect((await fixture.run(['echo {{ssm:/app/greeting:now}}'])).Status).toBe('Failed');
    });

    describe('a document', () => {
      const shell = (name: string, runCommand: unknown, more: object = {}) => ({
        action: 'aws:runShellScript',
        name,
        inputs: { runCommand },
        ...more,
      });

      test('of schema 1.2: its properties run in order, their outputs joined', async () => {
        await fixture.document('Twelve', {
          schemaVersion: '1.2',
          parameters: { who: { type: 'String', default: 'nobody' } },
          runtimeConfig: {
            'aws:runShellScript': {
              properties: [
                { id: '0.first', runCommand: ['echo one for {{ who }}'] },
                { id: '0.second', runCommand: ['echo two', 'exit 3'] },
              ],
            },
          },
        });
        const id = await fixture.send({ DocumentName: 'Twelve', Parameters: { who: ['you'] } });
        expect(await fixture.end(id)).toMatchObject({
          Status: 'Failed',
          PluginName: 'aws:runShellScript',
          ResponseCode: 3,
          StandardOutputContent: 'one for you\n\ntwo\n',
        });
      });

      test('of schema 2.2: parameters of every type, steps, a precondition', async () => {
        await fixture.document('Steps', {
          schemaVersion: '2.2',
          parameters: {
            who: { type: 'String', default: 'nobody' },
            lines: { type: 'StringList' },
            map: { type: 'StringMap', default: {} },
            flag: { type: 'Boolean', default: false },
            count: { type: 'Integer', default: 1 },
          },
          mainSteps: [
            {
              action: 'aws:runPowerShellScript',
              name: 'onWindows',
              precondition: { StringEquals: ['platformType', 'Windows'] },
              inputs: { runCommand: ['exit 1'] },
            },
            shell('greet', ['echo hello {{ who }}'], { precondition: { StringEquals: ['platformType', 'Linux'] } }),
            shell('lines', '{{ lines }}'),
            shell('others', ["echo '{{ map }} {{ flag }} {{ count }}'"]),
          ],
        });
        const id = await fixture.send({
          DocumentName: 'Steps',
          Parameters: { lines: ['echo one', 'echo two'], map: ['{"a":"b"}'], flag: ['true'], count: ['12'] },
        });
        expect(await fixture.end(id)).toMatchObject({ Status: 'Success', PluginName: '', StandardOutputContent: '' });
        expect(await fixture.steps(id)).toEqual([
          ['onWindows', 'Success', 0],
          ['greet', 'Success', 0],
          ['lines', 'Success', 0],
          ['others', 'Success', 0],
        ]);
        expect(await fixture.get(id, 'greet')).toMatchObject({ StandardOutputContent: 'hello nobody\n' });
        expect(await fixture.get(id, 'lines')).toMatchObject({ StandardOutputContent: 'one\ntwo\n' });
        expect(await fixture.get(id, 'others')).toMatchObject({ StandardOutputContent: '{"a":"b"} true 12\n' });
      });

      test('goes on after a step that fails, unless it says otherwise; the last step runs always', async () => {
        await fixture.document('Ways', {
          schemaVersion: '2.2',
          mainSteps: [shell('fails', ['exit 4']), shell('goesOn', ['echo on'])],
        });
        const on = await fixture.send({ DocumentName: 'Ways' });
        expect(await fixture.end(on)).toMatchObject({ Status: 'Failed', ResponseCode: 4 });
        expect(await fixture.steps(on)).toEqual([
          ['fails', 'Failed', 4],
          ['goesOn', 'Success', 0],
        ]);

        await fixture.document('Exits', {
          schemaVersion: '2.2',
          mainSteps: [
            { action: 'aws:runShellScript', name: 'fails', inputs: { onFailure: 'exit', runCommand: ['exit 5'] } },
            shell('skipped', ['echo never']),
            {
              action: 'aws:runShellScript',
              name: 'finally',
              inputs: { finallyStep: true, runCommand: ['echo at last'] },
            },
          ],
        });
        const exits = await fixture.send({ DocumentName: 'Exits' });
        expect(await fixture.end(exits)).toMatchObject({ Status: 'Failed' });
        expect(await fixture.steps(exits)).toEqual([
          ['fails', 'Failed', 5],
          ['skipped', 'Success', 0],
          ['finally', 'Success', 0],
        ]);
        expect(await fixture.get(exits, 'skipped')).toMatchObject({ StandardOutputContent: '' });
        expect(await fixture.get(exits, 'finally')).toMatchObject({ StandardOutputContent: 'at last\n' });
      });

      test('is cancelled in its first step: those behind it are cancelled too', async () => {
        await fixture.document('Long', {
          schemaVersion: '2.2',
          mainSteps: [shell('sleeps', ['echo begun', 'sleep 60']), shell('never', ['echo never'])],
        });
        const id = await fixture.send({ DocumentName: 'Long' });
        await fixture.isUnderWay(id);
        await fixture.client.send(new CancelCommandCommand({ CommandId: id }));
        expect(await fixture.end(id)).toMatchObject({ Status: 'Cancelled' });
        expect((await fixture.steps(id)).map(([name, status]) => [name, status])).toEqual([
          ['sleeps', 'Cancelled'],
          ['never', 'Cancelled'],
        ]);
      });

      test('with a plugin that the agent does not run on Linux', async () => {
        await fixture.document('Elsewhere', {
          schemaVersion: '2.2',
          mainSteps: [
            { action: 'aws:psModule', name: 'module', inputs: { runCommand: ['Get-Host'] } },
            shell('here', ['echo here']),
          ],
        });
        const id = await fixture.send({ DocumentName: 'Elsewhere' });
        expect(await fixture.end(id)).toMatchObject({ Status: 'Success' });
        expect(await fixture.get(id, 'here')).toMatchObject({ StandardOutputContent: 'here\n' });
      });

      test('downloads and runs others, three deep; the full output of each is kept', async () => {
        await fixture.document('Inner', {
          schemaVersion: '2.2',
          parameters: { who: { type: 'String', allowedValues: ['you', 'me'] } },
          mainSteps: [shell('greet', ['echo for {{ who }}', 'seq 1 9000'])],
        });
        await fixture.document('Middle', {
          schemaVersion: '2.2',
          mainSteps: [
            {
              action: 'aws:runDocument',
              name: 'inner',
              inputs: { documentType: 'SSMDocument', documentPath: 'Inner', documentParameters: { who: 'you' } },
            },
          ],
        });
        await fixture.document('Outer', {
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
              inputs: { documentType: 'LocalPath', documentPath: 'inner.json', documentParameters: { who: 'me' } },
            },
            {
              action: 'aws:runDocument',
              name: 'middle',
              inputs: { documentType: 'SSMDocument', documentPath: 'Middle' },
            },
            {
              action: 'aws:runDocument',
              name: 'refused',
              inputs: { documentType: 'SSMDocument', documentPath: 'Inner', documentParameters: '{"who":"them"}' },
            },
          ],
        });
        const id = await fixture.send({ DocumentName: 'Outer', OutputS3BucketName: 'outputs' });
        expect(await fixture.end(id)).toMatchObject({ Status: 'Failed' });
        expect(await fixture.get(id, 'downloaded')).toMatchObject({
          Status: 'Success',
          StandardOutputContent: expect.stringMatching(/^for me\n1\n2\n/) as string,
        });
        expect(await fixture.get(id, 'middle')).toMatchObject({
          Status: 'Success',
          StandardOutputContent: expect.stringMatching(/^for you\n1\n2\n/) as string,
        });
        expect(await fixture.get(id, 'refused')).toMatchObject({ Status: 'Failed' });
      });
    });

    test('AWS-RunDocument fetches a document and runs it', async () => {
      await fixture.document('Greeting', {
        schemaVersion: '2.2',
        parameters: { who: { type: 'String' } },
        mainSteps: [{ action: 'aws:runShellScript', name: 'greet', inputs: { runCommand: ['echo hello {{ who }}'] } }],
      });
      const id = await fixture.send({
        DocumentName: 'AWS-RunDocument',
        Parameters: {
          sourceType: ['SSMDocument'],
          sourceInfo: ['{"name":"Greeting"}'],
          documentParameters: ['{"who":"world"}'],
        },
      });
      expect(await fixture.end(id)).toMatchObject({ Status: 'Success' });
      expect(await fixture.get(id, 'runDocument')).toMatchObject({ StandardOutputContent: 'hello world\n' });
    });

    describe('from a bucket, by a presigned URL', () => {
      async function urlOf(Key: string, Body: string): Promise<string> {
        const { nodeEndpoint, region } = fixture.server.connection;
        await fixture.s3.send(new CreateBucketCommand({ Bucket: 'library' }));
        await fixture.s3.send(new PutObjectCommand({ Bucket: 'library', Key, Body }));
        const signer = new S3Client({
          endpoint: nodeEndpoint,
          region,
          credentials: fixture.server.connection,
          forcePathStyle: true,
        });
        return getSignedUrl(signer, new GetObjectCommand({ Bucket: 'library', Key }));
      }

      test('comes a document, and runs', async () => {
        const content = {
          schemaVersion: '2.2',
          mainSteps: [{ action: 'aws:runShellScript', name: 'greet', inputs: { runCommand: ['echo from a bucket'] } }],
        };
        const url = await urlOf('greet.json', JSON.stringify(content));
        const id = await fixture.send({
          DocumentName: 'AWS-RunDocument',
          Parameters: { sourceType: ['HTTP'], sourceInfo: [JSON.stringify({ url })] },
        });
        expect(await fixture.end(id)).toMatchObject({ Status: 'Success' });
        expect(await fixture.get(id, 'runDocument')).toMatchObject({ StandardOutputContent: 'from a bucket\n' });
      });

      test('comes a script for AWS-RunRemoteScript, under a name of the agent’s own', async () => {
        const url = await urlOf('greet.sh', 'echo hello $1');
        const id = await fixture.send({
          DocumentName: 'AWS-RunRemoteScript',
          Parameters: {
            sourceType: ['HTTP'],
            sourceInfo: [JSON.stringify({ url })],
            commandLine: ['sh download* world'],
          },
        });
        expect(await fixture.end(id)).toMatchObject({ Status: 'Success' });
        expect(await fixture.get(id, 'runShellScript')).toMatchObject({ StandardOutputContent: 'hello world\n' });
      });
    });

    test('AWS-Noop does nothing, well', async () => {
      expect(await fixture.end(await fixture.send({ DocumentName: 'AWS-Noop' }))).toMatchObject({ Status: 'Success' });
    });

    test('AWS-RunPowerShellScript fails with the reason where there is no PowerShell', async () => {
      const id = await fixture.send({ DocumentName: 'AWS-RunPowerShellScript', Parameters: { commands: ['1'] } });
      expect(await fixture.end(id)).toMatchObject({
        Status: 'Failed',
        StandardErrorContent: expect.stringMatching(/pwsh/) as string,
      });
    });
  },
);
