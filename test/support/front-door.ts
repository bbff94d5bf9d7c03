/** The front door on a port of its own: real HTTP, real signatures, the state of one test. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSMClient } from '@aws-sdk/client-ssm';
import { issueKey } from '../../core/access-keys.ts';
import type { Role } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { createApi, longestBody, type ApiTables } from '../../functions/api/api.ts';
import { answerClientError, nodeHttpListener, serverOptions } from '../../functions/api/node-http.ts';
import { tables as registered } from '../../functions/api/tables.ts';
import { testContext, type TestContext } from './context.ts';
import { expectNothingRefused, guarded } from './guarded.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The text as JSON. */
  readonly json: Record<string, unknown>;
}

export interface FrontDoor extends TestContext {
  readonly endpoint: string;
  readonly port: number;
  /** An admin's. */
  readonly credentials: Credentials;
  /** AWS's client with an admin's key, or another's. It is closed with the front door. */
  client(credentials?: Credentials): SSMClient;
  keyFor(role: Role): Promise<Credentials>;
  keyForNode(nodeId: string, expiresAt?: number): Promise<Credentials>;
  /** A signed request; an `undefined` credential sends it unsigned. */
  send(request: SentRequest): Promise<Answer>;
  /** An operation of ssm. */
  ssm(operation: string, input: object | string, credentials?: Credentials): Promise<Answer>;
}

export interface SentRequest {
  readonly service?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly credentials?: Credentials | null;
  readonly region?: string;
  readonly date?: Date;
}

/** @param tables in place of what is registered: operations of the test's own */
export async function openFrontDoor({
  tables = registered,
  ...overrides
}: { readonly tables?: ApiTables } & Partial<Context> = {}): Promise<FrontDoor> {
  const test = testContext(overrides);
  const api = createApi(tables);
  // Operations of a test's own write rows of its own.
  const context = tables === registered ? guarded('api', test.context) : test.context;
  const server = createServer(
    serverOptions,
    nodeHttpListener((request) => api(request, context), { longestBody }),
  );
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;

  const keyFor = async (role: Role): Promise<Credentials> => {
    const key = await issueKey(test.context, { owner: { kind: 'person', name: role, role } });
    await test.state.transact(key.writes);
    return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
  };
  const credentials = await keyFor('admin');
  const clients: SSMClient[] = [];

  const send = async ({
    service = 'ssm',
    method = 'POST',
    path = '/',
    headers = {},
    body = '',
    region = 'us-east-1',
    date,
    ...rest
  }: SentRequest): Promise<Answer> => {
    const url = `${endpoint}${path}`;
    const by = rest.credentials === undefined ? credentials : rest.credentials;
    const sent =
      by === null
        ? headers
        : signRequest({
            method,
            url,
            headers,
            body,
            credentials: by,
            region,
            service,
            ...(date === undefined ? {} : { date }),
          });
    const response = await fetch(url, {
      method,
      headers: Object.fromEntries(Object.entries(sent).filter(([name]) => name !== 'host')),
      ...(method === 'GET' ? {} : { body }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text,
      get json() {
        return JSON.parse(text) as Record<string, unknown>;
      },
    };
  };

  return {
    ...test,
    endpoint,
    port,
    credentials,
    client: (by = credentials) => {
      const client = new SSMClient({ endpoint, region: 'us-east-1', credentials: by, maxAttempts: 1 });
      clients.push(client);
      return client;
    },
    keyFor,
    keyForNode: async (nodeId, expiresAt = Date.now() + 3_600_000) => {
      const key = await issueKey(test.context, { owner: { kind: 'node', nodeId }, expiresAt });
      await test.state.transact(key.writes);
      return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey, sessionToken: key.sessionToken };
    },
    send,
    ssm: (operation, input, by = credentials) =>
      send({
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${operation}` },
        body: typeof input === 'string' ? input : JSON.stringify(input),
        credentials: by,
      }),
    close: async () => {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await test.close();
      expectNothingRefused();
    },
  };
}
