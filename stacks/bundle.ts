/** Deploys a bundle of `npm run build` as a Lambda function, with its rights and environment. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Rights } from '../core/rights';
import { rightsOf } from '../events/rights';
import type { files } from './files';
import { concurrencyOf } from './concurrency';
import { permissionsOf, type Permission } from './permissions';
import { location } from './location';
import type { queues } from './queues';
import type { state } from './state';

/** The resources that all functions use. */
export interface Ground extends ReturnType<typeof state>, ReturnType<typeof files> {
  readonly queues: ReturnType<typeof queues>;
  readonly bus: sst.aws.Bus;
  /** The prefix of the name of each gateway's queue; the gateway's id follows. */
  readonly gatewayQueueName: string;
  /** `https://` and the gateway's domain. */
  readonly nodeEndpoint: string;
  /** The role for nodes' credentials. */
  readonly nodeRole: aws.iam.Role;
}

/** The variables that `aws/environment.ts` reads. */
export function environmentOf(
  { table, bucket, key, macKey, bus, queues, nodeEndpoint, nodeRole, gatewayQueueName }: Ground,
  rights: Rights,
  endpoint?: $util.Input<string>,
): Record<string, $util.Input<string>> {
  const { accountId, region, dnsSuffix } = location();
  return {
    FLOTILLA_ACCOUNT: accountId,
    FLOTILLA_TABLE: table.name,
    FLOTILLA_BUCKET: bucket.name,
    FLOTILLA_KEY_ID: key.arn,
    FLOTILLA_MAC_KEY_ID: macKey.arn,
    FLOTILLA_BUS: bus.name,
    FLOTILLA_TIMER_QUEUE_URL: queues.timers.url,
    FLOTILLA_GATEWAY_QUEUE_PREFIX: $interpolate`https://sqs.${region}.${dnsSuffix}/${accountId}/${gatewayQueueName}`,
    FLOTILLA_NODE_ENDPOINT: nodeEndpoint,
    FLOTILLA_AWS_QUOTAS: process.env.FLOTILLA_AWS_QUOTAS === 'true' ? 'true' : 'false',
    // The operator's choices: empty where nothing was chosen.
    FLOTILLA_LOGS_ENDPOINT: process.env.FLOTILLA_LOGS_ENDPOINT ?? '',
    FLOTILLA_PENDING_INVOCATIONS: process.env.FLOTILLA_PENDING_INVOCATIONS ?? '',
    FLOTILLA_LARGEST_PARAMETER: process.env.FLOTILLA_LARGEST_PARAMETER ?? '',
    ...(endpoint === undefined ? {} : { FLOTILLA_ENDPOINT: endpoint }),
    ...(rights.issuesNodeCredentials === true ? { FLOTILLA_NODE_ROLE_ARN: nodeRole.arn } : {}),
  };
}

/** X-Ray's actions have no resources. */
const tracing: Permission = { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] };

export interface FunctionOptions {
  /** Permissions besides those of its rights. */
  readonly permissions?: Permission[];
  readonly endpoint?: $util.Input<string>;
  /** The queue for events that failed three times. */
  readonly deadLetters?: sst.aws.Queue;
  readonly more?: Partial<sst.aws.FunctionArgs>;
}

/**
 * The function of a bundle, named `<app>-<stage>-<name>`: dead letters find the route by this name.
 * @throws when `npm run build` has not built the bundle
 */
export function functionOf(
  ground: Ground,
  name: string,
  { permissions = [], endpoint, deadLetters, more = {} }: FunctionOptions = {},
): sst.aws.FunctionArgs {
  const bundle = join('dist', 'functions', name);
  const rights = rightsOf(name);
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
    environment: environmentOf(ground, rights, endpoint),
    permissions: [
      ...permissionsOf(rights, ground),
      ...permissions,
      tracing,
      ...(deadLetters === undefined ? [] : [{ actions: ['sqs:SendMessage'], resources: [deadLetters.arn] }]),
    ],
    ...(deadLetters === undefined ? {} : { retries: 2 }),
    ...concurrencyOf(name),
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
