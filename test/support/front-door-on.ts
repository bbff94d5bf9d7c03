/** The front door before a State of the test's own: DynamoDB's wire, say. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issueKey } from '../../core/access-keys.ts';
import type { Credentials } from '../../core/sigv4/sign.ts';
import type { State } from '../../core/state.ts';
import { createApi, longestBody } from '../../functions/api/api.ts';
import { nodeHttpListener, serverOptions } from '../../functions/api/node-http.ts';
import { tables } from '../../functions/api/tables.ts';
import { testContext } from './context.ts';

export interface FrontDoorOn {
  readonly endpoint: string;
  /** An admin's. */
  readonly credentials: Credentials;
  close(): Promise<void>;
}

export async function openFrontDoorOn(state: State): Promise<FrontDoorOn> {
  const test = testContext();
  const context = { ...test.context, state };
  const api = createApi(tables);
  const server = createServer(
    serverOptions,
    nodeHttpListener((request) => api(request, context), { longestBody }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { accessKeyId, secretAccessKey, writes } = await issueKey(context, {
    owner: { kind: 'person', name: 'admin', role: 'admin' },
  });
  await state.transact(writes);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId, secretAccessKey },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await test.close();
    },
  };
}
