/** `flotilla keys`, as a process of its own against a real server. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

const root = path.join(import.meta.dirname, '../..');
let door: FrontDoor;

beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

function flotilla(arguments_: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return run(arguments_, {
    FLOTILLA_ENDPOINT: door.endpoint,
    FLOTILLA_ACCESS_KEY_ID: door.credentials.accessKeyId,
    FLOTILLA_SECRET_ACCESS_KEY: door.credentials.secretAccessKey,
    ...environment,
  });
}

function run(arguments_: readonly string[], environment: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(root, 'cli/flotilla.mjs'), ...arguments_],
      { env: { PATH: process.env['PATH'] ?? '', ...environment } },
      (error, out, stderr) => resolve({ status: error === null ? 0 : Number(error.code), out, error: stderr }),
    );
  });
}

describe('flotilla keys', () => {
  test('a key that is made works at once, is listed, and is dead once deleted', async () => {
    const made = await flotilla(['keys', 'create', '--name', 'ci', '--role', 'viewer', '--json']);
    expect(made).toMatchObject({ status: 0, error: '' });
    const key = JSON.parse(made.out) as { AccessKeyId: string; SecretAccessKey: string };
    expect(key.AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(key.SecretAccessKey).toHaveLength(40);
    const credentials = { accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey };
    expect((await door.ssm('DescribeInstanceInformation', {}, credentials)).status).toBe(200);

    const listed = await flotilla(['keys', 'list']);
    expect(listed.out).toMatch(/^ACCESS KEY +NAME +ROLE +CREATED +EXPIRES\n/);
    expect(listed.out).toMatch(new RegExp(`${key.AccessKeyId} +ci +viewer `));
    expect(listed.out).not.toContain(key.SecretAccessKey);

    expect(await flotilla(['keys', 'delete', key.AccessKeyId])).toMatchObject({
      status: 0,
      out: `${key.AccessKeyId} deleted\n`,
    });
    expect((await door.ssm('DescribeInstanceInformation', {}, credentials)).json['__type']).toBe(
      'UnrecognizedClientException',
    );
    expect(await flotilla(['keys', 'delete', key.AccessKeyId])).toMatchObject({
      status: 254,
      error: `flotilla: ResourceNotFoundException: There is no key ${key.AccessKeyId}\n`,
    });
  });

  test('is for admins', async () => {
    const operator = await door.keyFor('operator');
    const refused = await flotilla(['keys', 'list'], {
      FLOTILLA_ACCESS_KEY_ID: operator.accessKeyId,
      FLOTILLA_SECRET_ACCESS_KEY: operator.secretAccessKey,
    });
    expect(refused).toMatchObject({
      status: 254,
      error:
        'flotilla: AccessDeniedException: User: arn:aws:iam::123456789012:user/operator is not authorized to perform: flotilla:GET /x/keys on resource: arn:aws:flotilla:us-east-1:123456789012:*\n',
    });
  });

  test('an admin cannot delete the key she uses', async () => {
    const { status, error } = await flotilla(['keys', 'delete', door.credentials.accessKeyId]);
    expect([status, error]).toEqual([254, expect.stringContaining('cannot delete itself')]);
  });

  test('finds a local Flotilla by its data folder', async () => {
    writeFileSync(
      path.join(door.folder, 'connection.json'),
      JSON.stringify({ endpoint: door.endpoint, ...door.credentials, region: 'us-east-1' }),
    );
    expect((await run(['--data', door.folder, 'keys', 'list'], {})).out).toContain(door.credentials.accessKeyId);
  });

  test('says what is absent, and what cannot be reached', async () => {
    const unreachable = await flotilla(['keys', 'list'], { FLOTILLA_ENDPOINT: 'http://127.0.0.1:1' });
    expect([unreachable.status, unreachable.error]).toEqual([
      253,
      expect.stringContaining('http://127.0.0.1:1 does not answer'),
    ]);
    expect((await run(['--data', '/nowhere', 'keys', 'list'], {})).error).toMatch(/^flotilla: where is Flotilla\? /);
    expect((await flotilla(['keys', 'create', '--name', 'x', '--role', 'king'])).error).toContain(
      'Allowed choices are admin, operator, viewer',
    );
    expect((await flotilla(['--help'])).out).toContain('access keys of people');
  });
});
