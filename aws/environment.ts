/** The environment variables of a function, set by stacks/. */

export interface Environment {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly table: string;
  readonly bucket: string;
  /** The KMS key that encrypts secrets at rest. */
  readonly keyId: string;
  /** The KMS key for MACs, an HMAC_256 key. */
  readonly macKeyId: string;
  readonly bus: string;
  readonly timerQueueUrl: string;
  /** The prefix of each gateway's queue; the gateway's id follows. */
  readonly gatewayQueuePrefix: string;
  /** The URL of the API for people and nodes. The API's own function does not know it. */
  readonly endpoint?: string | undefined;
  readonly nodeEndpoint: string;
  /** Whether the gateway's service serves the API too. */
  readonly gatewayServesApi: boolean;
  /** The role for nodes' credentials. Only the API has it, because only the API issues them. */
  readonly nodeRoleArn?: string | undefined;
  readonly awsQuotas: boolean;
  /** The URL of CloudWatch Logs for nodes, where it is not the Region's. */
  readonly logsEndpoint?: string | undefined;
  readonly pendingInvocations?: number | undefined;
  readonly largestParameter?: number | undefined;
}

/** The names of the variables that stacks/ sets. */
export const variables = {
  account: 'FLOTILLA_ACCOUNT',
  table: 'FLOTILLA_TABLE',
  bucket: 'FLOTILLA_BUCKET',
  keyId: 'FLOTILLA_KEY_ID',
  macKeyId: 'FLOTILLA_MAC_KEY_ID',
  bus: 'FLOTILLA_BUS',
  timerQueueUrl: 'FLOTILLA_TIMER_QUEUE_URL',
  gatewayQueuePrefix: 'FLOTILLA_GATEWAY_QUEUE_PREFIX',
  endpoint: 'FLOTILLA_ENDPOINT',
  nodeEndpoint: 'FLOTILLA_NODE_ENDPOINT',
  api: 'FLOTILLA_API',
  nodeRoleArn: 'FLOTILLA_NODE_ROLE_ARN',
  awsQuotas: 'FLOTILLA_AWS_QUOTAS',
  logsEndpoint: 'FLOTILLA_LOGS_ENDPOINT',
  pendingInvocations: 'FLOTILLA_PENDING_INVOCATIONS',
  largestParameter: 'FLOTILLA_LARGEST_PARAMETER',
} as const;

/** @throws when a variable is missing; the message names it */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const need = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === '') throw new Error(`the environment variable ${name} is not set`);
    return value;
  };
  const choice = (name: string): string | undefined => env[name] || undefined;
  return {
    account: need(variables.account),
    // Lambda and Fargate set it.
    region: need('AWS_REGION'),
    table: need(variables.table),
    bucket: need(variables.bucket),
    keyId: need(variables.keyId),
    macKeyId: need(variables.macKeyId),
    bus: need(variables.bus),
    timerQueueUrl: need(variables.timerQueueUrl),
    gatewayQueuePrefix: need(variables.gatewayQueuePrefix),
    endpoint: env[variables.endpoint],
    nodeEndpoint: need(variables.nodeEndpoint),
    gatewayServesApi: env[variables.api] === 'gateway',
    nodeRoleArn: env[variables.nodeRoleArn],
    awsQuotas: env[variables.awsQuotas] === 'true',
    logsEndpoint: choice(variables.logsEndpoint),
    pendingInvocations:
      choice(variables.pendingInvocations) === undefined ? undefined : Number(choice(variables.pendingInvocations)),
    largestParameter:
      choice(variables.largestParameter) === undefined ? undefined : Number(choice(variables.largestParameter)),
  };
}
