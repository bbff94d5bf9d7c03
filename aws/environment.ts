/** Where a function of ours runs and what it stands on: environment variables, set by stacks/. */

export interface Environment {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly table: string;
  readonly bucket: string;
  /** KMS: encrypts what is secret at rest. */
  readonly keyId: string;
  /** KMS: an HMAC_256 key. */
  readonly macKeyId: string;
  readonly bus: string;
  readonly timerQueueUrl: string;
  /** Each gateway's own queue is called by this and the gateway's id. */
  readonly gatewayQueuePrefix: string;
  /** How people and nodes reach the API; unknown to the function that is the API. */
  readonly endpoint?: string | undefined;
  readonly nodeEndpoint: string;
  /** Whether the gateway's service answers the API too. */
  readonly gatewayServesApi: boolean;
  /** The role that nodes' credentials are of; known to the API alone, which hands them out. */
  readonly nodeRoleArn?: string | undefined;
  readonly awsQuotas: boolean;
  /** CloudWatch Logs for nodes where it is not the Region's. */
  readonly logsEndpoint?: string | undefined;
  readonly pendingInvocations?: number | undefined;
  readonly largestParameter?: number | undefined;
}

/** What stacks/ sets, by the name of the variable. */
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

/** @throws when a variable is missing: its name is in the message */
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
