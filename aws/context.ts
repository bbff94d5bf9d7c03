/** The Context on AWS. Each process makes its parts once, from its environment. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { ClockContext, TimerReference } from '../functions/clock/timer-queue.ts';
import { connectionOf } from '../functions/nodes/index.ts';
import { ownedDocuments } from '../functions/registry.ts';
import { createCallApi } from '../functions/api/call-in-process.ts';
import { tables } from '../functions/api/tables.ts';
import { ProcessBackground } from '../core/background.ts';
import { SystemClock } from '../core/clock.ts';
import type { Settings } from '../core/context.ts';
import { noDeadline, type Deadline } from '../core/deadline.ts';
import { randomIds } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { partitionOf } from '../core/partition.ts';
import { CloudWatchAlarms } from './cloudwatch-alarms.ts';
import { countingDeadLetters } from './count-dead-letters.ts';
import { dynamoDBClient } from './dynamodb-client.ts';
import { DynamoState } from './dynamodb-state.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { EventBridgeBus } from './event-bridge-bus.ts';
import { KmsKeys } from './kms-keys.ts';
import { QueueMailbox } from './mailbox.ts';
import { S3Files } from './s3-files.ts';
import { SnsTopics } from './sns-topics.ts';
import { SqsQueue } from './sqs-queue.ts';
import { StsNodeCredentials } from './sts-node-credentials.ts';

export interface AwsContext extends ClockContext {
  readonly mailbox: QueueMailbox;
  readonly sqs: SQSClient;
  readonly environment: Environment;
}

let composed: AwsContext | undefined;

/**
 * The process's context, with the log, the deadline and the background work of the current call. A call of a function
 * waits only for its own background work, not for that of an earlier call.
 * @throws when the environment lacks a variable
 */
export function awsContext(log: Log, deadline: Deadline = noDeadline): AwsContext {
  composed ??= compose(readEnvironment(process.env), log);
  return { ...composed, log, deadline, background: new ProcessBackground({ deadline }) };
}

function compose(environment: Environment, log: Log): AwsContext {
  const { account, region } = environment;
  const sqs = new SQSClient({});
  const clock = new SystemClock();
  const { table } = environment;
  const state = countingDeadLetters(new DynamoState({ client: dynamoDBClient(), table, clock }), table);
  const settings: Settings = {
    awsQuotas: environment.awsQuotas,
    nodeEndpoint: environment.nodeEndpoint,
    filesEndpoint: `https://s3.${region}.${partitionOf(region).dnsSuffix}`,
    logsEndpoint: environment.logsEndpoint,
    pendingInvocations: environment.pendingInvocations,
    largestParameter: environment.largestParameter,
    get endpoint(): string {
      if (environment.endpoint === undefined) throw new Error('the API learns its endpoint with each request');
      return environment.endpoint;
    },
  };
  const base = {
    state,
    clock,
    ids: randomIds,
    account,
    region,
    settings,
    ownedDocuments,
    log,
    deadline: noDeadline,
    background: new ProcessBackground(),
    callApi: createCallApi(tables),
  };
  const mailbox: QueueMailbox = new QueueMailbox({
    sqs,
    queuePrefix: environment.gatewayQueuePrefix,
    findGateway: async (nodeId) => (await connectionOf(context, nodeId))?.gatewayId,
    log,
  });
  const context: AwsContext = {
    ...base,
    mailbox,
    files: new S3Files({ region }),
    alarms: new CloudWatchAlarms(),
    keys: new KmsKeys(new KMSClient({}), environment.keyId, environment.macKeyId),
    topics: new SnsTopics(),
    ...(environment.nodeRoleArn === undefined
      ? {}
      : { nodeCredentials: new StsNodeCredentials(new STSClient({}), environment.nodeRoleArn, environment.bucket) }),
    serviceBucket: environment.bucket,
    bus: new EventBridgeBus(new EventBridgeClient({}), environment.bus),
    timerQueue: new SqsQueue<TimerReference>(sqs, environment.timerQueueUrl),
    sqs,
    environment,
  };
  return context;
}
