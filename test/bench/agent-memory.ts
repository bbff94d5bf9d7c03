/**
 * What the agent weighs while 100 MB of output pass through a command, its upload to S3 included. Status 1 above 90 MB.
 *
 *   npm run bench -- agent-memory [MEGABYTES]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCommandInvocationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { clientOf, eventually, startAgent, startServer } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const megabytes = Number(process.argv[2] ?? 100);
const { folder, remove } = temporaryFolder();
const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
const client = clientOf(server.connection);
const agent = await startAgent(client, server.connection, path.join(folder, 'agent'));
const status = (name: string): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]) / 1000;
try {
  const s3 = new S3Client({
    endpoint: server.connection.endpoint,
    region: server.connection.region,
    credentials: server.connection,
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'outputs' }));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  console.log(`idle: ${status('VmRSS').toFixed(1)} MB`);
  const began = performance.now();
  const { Command } = await client.send(
    new SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: [agent.nodeId],
      OutputS3BucketName: 'outputs',
      Parameters: { commands: [`head -c ${megabytes * 1_000_000} /dev/zero | tr '\\0' x`] },
    }),
  );
  const CommandId = Command!.CommandId!;
  const end = await eventually(
    'the command',
    async () => {
      const invocation = await client.send(new GetCommandInvocationCommand({ CommandId, InstanceId: agent.nodeId }));
      return invocation.Status === 'Pending' || invocation.Status === 'InProgress' ? undefined : invocation;
    },
    120_000,
  );
  if (end.Status !== 'Success') throw new Error(`${end.StatusDetails}: ${end.StandardErrorContent}`);
  const { ContentLength } = await s3.send(
    new HeadObjectCommand({
      Bucket: 'outputs',
      Key: `${CommandId}/${agent.nodeId}/awsrunShellScript/0.awsrunShellScript/stdout`,
    }),
  );
  if (ContentLength !== megabytes * 1_000_000) throw new Error(`the object has ${ContentLength} bytes`);
  console.log(
    `${megabytes} MB of output, kept whole, in ${((performance.now() - began) / 1000).toFixed(1)} s; peak ${status('VmHWM').toFixed(1)} MB`,
  );
  if (status('VmHWM') > 90) process.exitCode = 1;
} finally {
  await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
}
