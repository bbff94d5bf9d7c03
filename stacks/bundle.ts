/** A bundle of `npm run build` as a Lambda function: its code, its rights, what it is told. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { files } from './files';
import type { queues } from './queues';
import type { state } from './state';

/** What functions stand on. */
export interface Ground extends ReturnType<typeof state>, ReturnType<typeof files> {
  readonly queues: ReturnType<typeof queues>;
  readonly bus: sst.aws.Bus;
  /** Each gateway makes itself a queue of this name and its id. */
  readonly gatewayQueueName: string;
  /** `https://` and the gateway's domain. */
  readonly nodeEndpoint: string;
}

type Permission = { readonly actions: string[]; readonly resources: $util.Input<string>[] };

/** What `aws/environment.ts` reads. */
export function environmentOf(
  { table, bucket, key, macKey, bus, queues, nodeEndpoint, gatewayQueueName }: Ground,
  endpoint?: $util.Input<string>,
): Record<string, $util.Input<string>> {
  const { accountId, region } = place();
  return {
    FLOTILLA_ACCOUNT: accountId,
    FLOTILLA_TABLE: table.name,
    FLOTILLA_BUCKET: bucket.name,
    FLOTILLA_KEY_ID: key.arn,
    FLOTILLA_MAC_KEY_ID: macKey.arn,
    FLOTILLA_BUS: bus.name,
    FLOTILLA_TIMER_QUEUE_URL: queues.timers.url,
    FLOTILLA_GATEWAY_QUEUE_PREFIX: $interpolate`https://sqs.${region}.amazonaws.com/${accountId}/${gatewayQueueName}`,
    FLOTILLA_NODE_ENDPOINT: nodeEndpoint,
    FLOTILLA_AWS_QUOTAS: process.env.FLOTILLA_AWS_QUOTAS === 'true' ? 'true' : 'false',
    // What the operator may choose: empty where nothing was.
    FLOTILLA_LOGS_ENDPOINT: process.env.FLOTILLA_LOGS_ENDPOINT ?? '',
    FLOTILLA_PENDING_INVOCATIONS: process.env.FLOTILLA_PENDING_INVOCATIONS ?? '',
    FLOTILLA_LARGEST_PARAMETER: process.env.FLOTILLA_LARGEST_PARAMETER ?? '',
    ...(endpoint === undefined ? {} : { FLOTILLA_ENDPOINT: endpoint }),
  };
}

/** What the ports of a Context need, and nothing of the bus or of queues besides the gateways'. */
export function contextPermissions({ table, bucket, key, macKey, gatewayQueueName }: Ground): Permission[] {
  const { accountId, region } = place();
  return [
    {
      actions: [
        'GetItem',
        'BatchGetItem',
        'Query',
        'PutItem',
        'UpdateItem',
        'DeleteItem',
        'BatchWriteItem',
        'ConditionCheckItem',
      ].map((action) => `dynamodb:${action}`),
      resources: [table.arn, $interpolate`${table.arn}/index/*`],
    },
    {
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      resources: [$interpolate`${bucket.arn}/*`],
    },
    { actions: ['s3:ListBucket'], resources: [bucket.arn] },
    {
      actions: ['cloudwatch:DescribeAlarms'],
      resources: [$interpolate`arn:aws:cloudwatch:${region}:${accountId}:alarm:*`],
    },
    { actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: [key.arn] },
    { actions: ['kms:GenerateMac'], resources: [macKey.arn] },
    {
      actions: ['sqs:SendMessage'],
      resources: [$interpolate`arn:aws:sqs:${region}:${accountId}:${gatewayQueueName}*`],
    },
  ];
}

/** What makes events known and sends timers. */
export function clockPermissions({ bus, queues }: Ground): Permission[] {
  return [
    { actions: ['events:PutEvents'], resources: [bus.arn] },
    { actions: ['sqs:SendMessage'], resources: [queues.timers.arn] },
  ];
}

/** X-Ray knows no resources. */
const tracing: Permission = { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] };

export interface FunctionOptions {
  readonly permissions?: Permission[];
  readonly endpoint?: $util.Input<string>;
  /** Where events go that the function failed at three times. */
  readonly deadLetters?: sst.aws.Queue;
  readonly more?: Partial<sst.aws.FunctionArgs>;
}

/**
 * The function of a bundle, called `<app>-<stage>-<name>`: the dead letters find the route by it.
 * @throws when `npm run build` has not made the bundle
 */
export function functionOf(
  ground: Ground,
  name: string,
  { permissions = [], endpoint, deadLetters, more = {} }: FunctionOptions = {},
): sst.aws.FunctionArgs {
  const bundle = join('dist', 'functions', name);
  if (!existsSync(join($cli.paths.root, bundle, 'index.mjs')))
    throw new Error(`${bundle} is not there: run \`npm run build\` first`);
  return {
    name: `${$app.name}-${$app.stage}-${name}`,
    bundle,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    architecture: 'arm64',
    memory: '512 MB',
    timeout: '60 seconds',
    logging: { format: 'json', retention: '1 month' },
    environment: environmentOf(ground, endpoint),
    permissions: [
      ...contextPermissions(ground),
      ...permissions,
      tracing,
      ...(deadLetters === undefined ? [] : [{ actions: ['sqs:SendMessage'], resources: [deadLetters.arn] }]),
    ],
    ...(deadLetters === undefined ? {} : { retries: 2 }),
    ...more,
    transform: {
      function: (args) => {
        args.tracingConfig = { mode: 'Active' };
      },
      eventInvokeConfig: (args) => {
        if (deadLetters !== undefined) args.destinationConfig = { onFailure: { destination: deadLetters.arn } };
      },
    },
  };
}

/** The account and Region that is deployed to. */
export function place(): { accountId: $util.Output<string>; region: $util.Output<string> } {
  return { accountId: aws.getCallerIdentityOutput().accountId, region: aws.getRegionOutput().region };
}
