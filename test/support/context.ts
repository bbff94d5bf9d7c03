/** A Context as `npm start` composes it, in a folder of the test's own and on a clock that stands still. */
import path from 'node:path';
import { ProcessBackground } from '../../core/background.ts';
import { ManualClock } from '../../core/clock.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context, RequestContext } from '../../core/context.ts';
import { noDeadline } from '../../core/deadline.ts';
import type { Files } from '../../core/files.ts';
import { randomIds } from '../../core/ids.ts';
import { silentLog } from '../../core/log.ts';
import { createCallApi } from '../../functions/api/call-in-process.ts';
import { tables } from '../../functions/api/tables.ts';
import { ownedDocuments } from '../../functions/registry.ts';
import { openKeyFile } from '../../local/key-file.ts';
import { LocalMailbox } from '../../local/mailbox.ts';
import type { SqliteState } from '../../local/sqlite-state.ts';
import { guarded } from './guarded.ts';
import { temporaryState, testStart } from './state.ts';

export interface TestContext {
  readonly context: Context & { readonly state: SqliteState; readonly clock: ManualClock };
  readonly clock: ManualClock;
  readonly state: SqliteState;
  readonly folder: string;
  /** The context of a request that somebody makes: an admin, unless another caller is given. */
  as(caller?: Caller): RequestContext & { readonly state: SqliteState; readonly clock: ManualClock };
  close(): Promise<void>;
}

export const admin: Caller = {
  kind: 'person',
  name: 'test',
  role: 'admin',
  accessKeyId: 'AKIATEST',
  arn: 'arn:aws:iam::123456789012:user/test',
};

/** Account 123456789012 in us-east-1. Pass `files` where the code under test stores objects. */
export function testContext(overrides: Partial<Context> & { readonly files?: Files } = {}): TestContext {
  const clock = new ManualClock(testStart);
  const { state, folder, close } = temporaryState(clock);
  const noFiles = new Proxy({} as Files, {
    get: () => {
      throw new Error('this test has no files: pass them to testContext');
    },
  });
  const context = {
    files: noFiles,
    mailbox: new LocalMailbox(),
    keys: openKeyFile(path.join(folder, 'key')),
    ids: randomIds,
    log: silentLog,
    account: '123456789012',
    region: 'us-east-1',
    serviceBucket: 'flotilla-123456789012-us-east-1',
    settings: {
      awsQuotas: false,
      endpoint: 'http://127.0.0.1:8555',
      nodeEndpoint: 'https://127.0.0.1:8555',
      filesEndpoint: 'http://127.0.0.1:8555',
    },
    ownedDocuments,
    deadline: noDeadline,
    background: new ProcessBackground({ isAlone: true }),
    callApi: createCallApi(tables),
    ...overrides,
    clock,
    state,
  };
  return {
    context,
    clock,
    state,
    folder,
    as: (caller = admin) => ({
      // What runs for a request runs in the API's function.
      ...guarded('api', context),
      caller,
      requestId: context.ids.uuid(),
      auditWrites: () => [],
      request: { method: 'POST', path: '/', query: '', headers: {}, body: new Uint8Array(), sourceIp: '127.0.0.1' },
    }),
    close,
  };
}
