/** A command's output in CloudWatch Logs: Flotilla, its agent as a process, and moto in AWS's place. */
import path from 'node:path';
import { GetCommandInvocationCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../core/log.ts';
import { signRequest } from '../../core/sigv4/sign.ts';
import { startFlotilla, type Flotilla } from '../../local/flotilla.ts';
import { hasMoto, startMoto } from '../support/dynamodb.ts';
import { clientOf, eventually, startAgent, type AgentProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

describe.skipIf(!hasMoto)(
  hasMoto ? 'CloudWatch Logs' : 'CloudWatch Logs (skipped: moto_server is not installed)',
  () => {
    const { folder, remove } = temporaryFolder();
    let aws: Awaited<ReturnType<typeof startMoto>>;
    let flotilla: Flotilla;
    let agent: AgentProcess;
    let client: SSMClient;

    beforeAll(async () => {
      aws = await startMoto();
      flotilla = await startFlotilla({
        data: path.join(folder, 'data'),
        host: '127.0.0.1',
        port: 0,
        awsQuotas: false,
        log: silentLog,
        logsEndpoint: aws.url,
      });
      client = clientOf(flotilla.connection, 3);
      agent = await startAgent(client, flotilla.connection, path.join(folder, 'agent'));
    });
    afterAll(async () => {
      await agent?.kill('SIGTERM');
      await flotilla?.stop();
      await aws?.stop();
      remove();
    });

    /** An operation of CloudWatch Logs, asked of moto. */
    async function logs<Answer>(operation: string, input: object): Promise<Answer> {
      const body = JSON.stringify(input);
      const headers = signRequest({
        method: 'POST',
        url: aws.url,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
        body,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        region: 'us-east-1',
        service: 'logs',
      });
      delete headers['host'];
      const answer = await fetch(aws.url, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Answer;
    }
    const linesOf = async (logGroupName: string, logStreamName: string): Promise<string[]> =>
      (
        await logs<{ events: { message: string }[] }>('GetLogEvents', {
          logGroupName,
          logStreamName,
          startFromHead: true,
        })
      ).events.map(({ message }) => message);

    async function run(commands: string[], CloudWatchOutputConfig: object): Promise<string> {
      const { Command } = await client.send(
        new SendCommandCommand({
          DocumentName: 'AWS-RunShellScript',
          InstanceIds: [agent.nodeId],
          Parameters: { commands },
          CloudWatchOutputConfig,
        }),
      );
      const CommandId = Command!.CommandId!;
      await eventually(
        'its end',
        async () => {
          const { Status } = await client.send(
            new GetCommandInvocationCommand({ CommandId, InstanceId: agent.nodeId }),
          );
          return Status === 'Success' ? true : undefined;
        },
        30_000,
      );
      return CommandId;
    }

    test('stdout and stderr are streams of their own in the document’s group', async () => {
      const id = await run(['for i in 1 2 3; do echo line $i; done', 'echo oops >&2'], {
        CloudWatchOutputEnabled: true,
      });
      const { logStreams } = await logs<{ logStreams: { logStreamName: string }[] }>('DescribeLogStreams', {
        logGroupName: '/aws/ssm/AWS-RunShellScript',
        logStreamNamePrefix: id,
      });
      const stream = `${id}/${agent.nodeId}/aws-runShellScript`;
      expect(logStreams.map(({ logStreamName }) => logStreamName).sort()).toEqual([
        `${stream}/stderr`,
        `${stream}/stdout`,
      ]);
      expect(await linesOf('/aws/ssm/AWS-RunShellScript', `${stream}/stdout`)).toEqual(['line 1', 'line 2', 'line 3']);
      expect(await linesOf('/aws/ssm/AWS-RunShellScript', `${stream}/stderr`)).toEqual(['oops']);
    });

    test('a group that was named, and no stream for what was not written', async () => {
      const id = await run(['echo hello'], { CloudWatchOutputEnabled: true, CloudWatchLogGroupName: '/fleet/output' });
      const { logStreams } = await logs<{ logStreams: { logStreamName: string }[] }>('DescribeLogStreams', {
        logGroupName: '/fleet/output',
      });
      expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual([
        `${id}/${agent.nodeId}/aws-runShellScript/stdout`,
      ]);
      expect(
        (await client.send(new GetCommandInvocationCommand({ CommandId: id, InstanceId: agent.nodeId })))
          .CloudWatchOutputConfig,
      ).toEqual({ CloudWatchOutputEnabled: true, CloudWatchLogGroupName: '/fleet/output' });
    });

    test('a command that asks for none leaves none', async () => {
      const id = await run(['echo hello'], { CloudWatchOutputEnabled: false, CloudWatchLogGroupName: '/fleet/none' });
      const { logGroups } = await logs<{ logGroups: { logGroupName: string }[] }>('DescribeLogGroups', {
        logGroupNamePrefix: '/fleet/none',
      });
      expect(logGroups).toEqual([]);
      expect(id).toBeTruthy();
    });
  },
);
