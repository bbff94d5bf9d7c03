/** The very bundles that are deployed, called as Lambda calls them, before a stand-in for AWS. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context as LambdaContext, LambdaFunctionURLResult } from 'aws-lambda';
import { expect } from 'vitest';
import { issueKey } from '../../core/access-keys.ts';
import { DynamoState } from '../../aws/dynamodb-state.ts';
import { KmsKeys } from '../../aws/kms-keys.ts';
import { SystemClock } from '../../core/clock.ts';
import { randomIds } from '../../core/ids.ts';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { buildBundles, type Bundle } from '../../scripts/bundles.ts';
import { awsAccount, startAws, type TestAws } from './aws.ts';
import { startFreezingProxy } from './freezing-proxy.ts';

type Handler = (event: unknown, lambda: LambdaContext) => Promise<unknown>;

export interface CallOptions {
  readonly target?: string;
  readonly body?: object;
  readonly service?: string;
  readonly credentials?: Credentials;
}

export interface Deployed {
  readonly aws: TestAws;
  readonly bundles: readonly Bundle[];
  readonly state: DynamoState;
  readonly admin: Credentials;
  /**
   * Calls a function of a bundle. Once it has answered it is frozen: the test fails where it left a call to AWS under
   * way, or begins one.
   */
  invoke<Result>(name: string, event: unknown): Promise<Result>;
  /** A signed call of the API. */
  call(method: string, path: string, options?: CallOptions): Promise<{ status: number; body: Record<string, unknown> }>;
  /** An operation of ssm. */
  ssm(target: string, body: object): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

const host = 'abcdefghij.lambda-url.us-east-1.on.aws';

/** Needs moto_server. The process's environment is the functions' until it is stopped. */
export async function deploy(): Promise<Deployed> {
  const dist = mkdtempSync(path.join(tmpdir(), 'flotilla-dist-'));
  const before = { ...process.env };
  const [aws, bundles] = await Promise.all([startAws(), buildBundles({ dist })]);
  const proxy = await startFreezingProxy(aws.url);
  // Queues are known by their URLs.
  for (const [name, value] of Object.entries(aws.environment)) process.env[name] = value.replace(aws.url, proxy.url);
  const clock = new SystemClock();
  const state = new DynamoState({ client: aws.dynamo, table: aws.table, clock });
  const keys = new KmsKeys(aws.kms, aws.keyId, aws.macKeyId);
  const { writes, ...admin } = await issueKey({ state, keys, clock, ids: randomIds } as never, {
    owner: { kind: 'person', name: 'admin', role: 'admin' },
  });
  await state.transact(writes);
  const handlers = new Map<string, Handler>();

  async function invoke<Result>(name: string, event: unknown): Promise<Result> {
    let handler = handlers.get(name);
    if (handler === undefined) {
      const module = (await import(pathToFileURL(path.join(dist, 'functions', name, 'index.mjs')).href)) as {
        handler: Handler;
      };
      handlers.set(name, (handler = module.handler));
    }
    const lambda = {
      awsRequestId: randomIds.uuid(),
      functionName: `flotilla-test-${name}`,
      functionVersion: '$LATEST',
      memoryLimitInMB: '512',
      getRemainingTimeInMillis: () => 60_000,
      invokedFunctionArn: `arn:aws:lambda:us-east-1:${awsAccount}:function:flotilla-test-${name}`,
    };
    const result = (await handler(event, lambda as LambdaContext)) as Result;
    expect(await proxy.freeze(), `calls that ${name} did not wait for`).toEqual([]);
    return result;
  }

  const call: Deployed['call'] = async (
    method,
    rawPath,
    { target, body, service = 'ssm', credentials = admin } = {},
  ) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = signRequest({
      method,
      url: `https://${host}${rawPath}`,
      headers:
        target === undefined
          ? {}
          : { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${target}` },
      body: text,
      credentials,
      region: 'us-east-1',
      service,
    });
    const answer = (await invoke<LambdaFunctionURLResult>('api', {
      version: '2.0',
      rawPath,
      rawQueryString: '',
      headers,
      body: text,
      isBase64Encoded: false,
      requestContext: { domainName: host, http: { method, path: rawPath, sourceIp: '192.0.2.1' } },
    })) as { statusCode: number; body: string };
    return { status: answer.statusCode, body: JSON.parse(answer.body || '{}') as Record<string, unknown> };
  };

  return {
    aws,
    bundles,
    state,
    admin,
    invoke,
    call,
    ssm: (target, body) => call('POST', '/', { target, body }),
    stop: async () => {
      process.env = before;
      await proxy.stop();
      await aws.stop();
      rmSync(dist, { recursive: true, force: true });
    },
  };
}
