/** The audit trail: what leaves a record, what is in it, and what never is. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RequestContext } from '../../../core/context.ts';
import { StateUnavailable } from '../../../core/state.ts';
import { ValidationException } from '../../../core/errors.ts';
import { auditRecords } from '../../support/audit-records.ts';
import { openFrontDoor, type FrontDoor } from '../../support/front-door.ts';

let door: FrontDoor;
let commits: number;

/** An operation that puts its record into its own transaction, or fails there. */
async function together(
  { CommandId }: { readonly CommandId: string },
  { state, auditWrites }: RequestContext,
): Promise<object> {
  const output = {};
  await state.transact([
    { put: { pk: 'EFFECT', sk: CommandId }, body: {}, when: { row: 'absent' } },
    ...auditWrites(output),
  ]);
  return output;
}

beforeEach(async () => {
  door = await openFrontDoor({
    tables: {
      operations: {
        ssm: {
          SendCommand: async () => ({ Command: { CommandId: 'c1', Parameters: { commands: ['secret-a'] } } }),
          PutParameter: async () => ({ Version: 1 }),
          CreateActivation: async () => ({ ActivationId: 'a', ActivationCode: 'secret-code' }),
          DeleteDocument: () => Promise.reject(new ValidationException('no')),
          GetDocument: async () => ({}),
          UpdateInstanceInformation: async () => ({}),
          CancelCommand: together,
          RegisterManagedInstance: () => Promise.reject(new ValidationException('no')),
        },
      },
      extensions: {
        'POST /x/things/{id}': { roles: ['operator'], run: async () => ({ Secret: 'secret-answer' }) },
        'POST /x/reads': {
          roles: ['operator', 'viewer'],
          readOnly: true,
          run: () => Promise.reject(new ValidationException('no')),
        },
      },
    },
  });
});
afterEach(() => door.close());

const records = (): Promise<Record<string, unknown>[]> => auditRecords(door.state, door.clock.now());

describe('the audit trail', () => {
  test('a mutating call, in CloudTrail’s shape, without secrets', async () => {
    const answer = await door.ssm('SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: ['i-12345678'],
      Parameters: { commands: ['secret-b'] },
    });
    const [record, ...others] = await records();
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      eventVersion: '1.08',
      userIdentity: {
        type: 'IAMUser',
        principalId: door.credentials.accessKeyId,
        arn: 'arn:aws:iam::123456789012:user/admin',
        accountId: '123456789012',
        accessKeyId: door.credentials.accessKeyId,
        userName: 'admin',
      },
      eventTime: '2026-01-05T09:00:00Z',
      eventSource: 'ssm.amazonaws.com',
      eventName: 'SendCommand',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      requestParameters: {
        documentName: 'AWS-RunShellScript',
        instanceIds: ['i-12345678'],
        parameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      },
      responseElements: { command: { commandId: 'c1', parameters: 'HIDDEN_DUE_TO_SECURITY_REASONS' } },
      requestID: answer.headers['x-amzn-requestid'],
      readOnly: false,
      eventType: 'AwsApiCall',
      recipientAccountId: '123456789012',
    });
    expect(JSON.stringify(record)).not.toContain('secret-');
  });

  test('an operation may take its record into its own transaction: one commit, one record, and none of what did not happen', async () => {
    const CommandId = '11111111-2222-3333-4444-555555555555';
    commits = 0;
    const stop = door.state.onCommit(() => void commits++);
    expect((await door.ssm('CancelCommand', { CommandId })).status).toBe(200);
    stop();
    expect(commits).toBe(1);
    expect(await records()).toMatchObject([
      { eventName: 'CancelCommand', requestParameters: { commandId: CommandId }, userIdentity: { userName: 'admin' } },
    ]);
    expect((await door.ssm('CancelCommand', { CommandId })).status).toBe(500);
    const [, second, ...others] = (await records()).sort(
      (one, other) => (one['errorCode'] === undefined ? -1 : 1) - (other['errorCode'] === undefined ? -1 : 1),
    );
    expect(others).toEqual([]);
    expect(second).toMatchObject({ eventName: 'CancelCommand', errorCode: 'InternalFailure' });
  });

  test('secrets that the model does not mark are hidden too', async () => {
    await door.ssm('PutParameter', { Name: 'a', Value: 'secret-value', Type: 'SecureString' });
    await door.ssm('CreateActivation', { IamRole: 'r' });
    await door.ssm('PutParameter', { Name: 'a'.repeat(3000), Value: 'secret-value' });
    const all = await records();
    expect(all).toHaveLength(3);
    expect(JSON.stringify(all)).not.toContain('secret-');
  });

  test('refused ones too: by the room, by the check, by the role', async () => {
    await door.ssm('DeleteDocument', { Name: 'abc' });
    await door.ssm('DeleteDocument', {});
    const viewer = await door.keyFor('viewer');
    await door.ssm('DeleteDocument', { Name: 'abc' }, viewer);
    const refused = await records();
    expect(refused.map((record) => record['errorCode']).sort()).toEqual([
      'AccessDeniedException',
      'ValidationException',
      'ValidationException',
    ]);
    expect(refused.find((record) => record['errorCode'] === 'AccessDeniedException')).toMatchObject({
      userIdentity: { userName: 'viewer' },
      requestParameters: { name: 'abc' },
      responseElements: null,
    });
  });

  test('reads and nodes’ heart-beats leave none, a node’s reach beyond itself does', async () => {
    const node = await door.keyForNode('mi-0123456789abcdef0');
    await door.ssm('GetDocument', { Name: 'AWS-RunShellScript' });
    await door.ssm('UpdateInstanceInformation', { InstanceId: 'mi-0123456789abcdef0' }, node);
    expect(await records()).toEqual([]);
    expect((await door.ssm('UpdateInstanceInformation', { InstanceId: 'mi-0123456789abcdef1' }, node)).status).toBe(
      400,
    );
    expect(await records()).toMatchObject([
      {
        errorCode: 'AccessDeniedException',
        userIdentity: { type: 'AssumedRole', principalId: `${node.accessKeyId}:mi-0123456789abcdef0` },
      },
    ]);
  });

  test('strangers cannot fill the disk', async () => {
    const body = '{"ActivationId":"a","ActivationCode":"secret-b","PublicKey":"c"}';
    for (let count = 0; count < 80; count++)
      await door.send({ headers: { 'x-amz-target': 'AmazonSSM.RegisterManagedInstance' }, body, credentials: null });
    const kept = await records();
    // The minute may turn once while it runs.
    expect(kept.length).toBeGreaterThanOrEqual(60);
    expect(kept.length).toBeLessThan(81);
    expect(JSON.stringify(kept)).not.toContain('secret-');
  });

  test('what is beside the API is on record by its path', async () => {
    expect(
      (
        await door.send({
          service: 'flotilla',
          path: '/x/things/7',
          body: '{"a":1}',
          credentials: await door.keyFor('operator'),
        })
      ).json,
    ).toEqual({ Secret: 'secret-answer' });
    await door.send({ service: 'flotilla', path: '/x/things/7', credentials: await door.keyFor('viewer') });
    const all = await records();
    const outcomes = new Map(
      all.map(({ eventSource, eventName, errorCode, requestParameters }) => [
        errorCode,
        { eventSource, eventName, requestParameters },
      ]),
    );
    const what = { eventSource: 'flotilla', eventName: 'POST /x/things/{id}' };
    expect(outcomes.get('AccessDeniedException')).toEqual({ ...what, requestParameters: { id: '7' } });
    expect(outcomes.get(undefined)).toEqual({ ...what, requestParameters: { id: '7', body: { a: 1 } } });
    expect(JSON.stringify(all)).not.toContain('secret-');
  });

  test('parameters far too long are left out, as CloudTrail leaves them out', async () => {
    await door.ssm('SendCommand', {
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: ['i-12345678'],
      Comment: 'c',
      OutputS3KeyPrefix: 'x'.repeat(150_000),
    });
    expect(await records()).toMatchObject([{ errorCode: 'ValidationException', requestParameters: { omitted: true } }]);
  });
});

test('a record that cannot be written is in the log, and the answer stands', async () => {
  const lines: unknown[] = [];
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message: string, fields?: object) => lines.push([message, fields]),
    with: () => log,
  };
  const full = await openFrontDoor({
    log,
    tables: { operations: { ssm: { PutParameter: async () => ({ Version: 1 }) } }, extensions: {} },
  });
  try {
    full.state.write = () => Promise.reject(new StateUnavailable('disk full'));
    expect((await full.ssm('PutParameter', { Name: 'a', Value: 'b' })).json).toEqual({ Version: 1 });
    expect(lines).toMatchObject([['audit record could not be written', { record: { eventName: 'PutParameter' } }]]);
  } finally {
    await full.close();
  }
});

test('a viewer cannot fill the disk: reads that fail leave no record, and refusals are short', async () => {
  const credentials = await door.keyFor('viewer');
  const long = 'x'.repeat(90_000);
  const body = JSON.stringify({ long });
  expect((await door.send({ service: 'flotilla', path: '/x/reads', body, credentials })).status).toBe(400);
  expect(await records()).toEqual([]);
  await door.ssm(
    'SendCommand',
    { DocumentName: 'a', InstanceIds: ['i-12345678'], OutputS3KeyPrefix: long },
    credentials,
  );
  await door.ssm('SendCommand', { DocumentName: 'a', InstanceIds: ['i-12345678'] }, credentials);
  const kept = await records();
  expect(kept.map(({ errorCode }) => errorCode)).toEqual(['AccessDeniedException', 'AccessDeniedException']);
  expect(kept.map(({ requestParameters }) => requestParameters)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ omitted: true }),
      expect.objectContaining({ documentName: 'a' }),
    ]),
  );
});
