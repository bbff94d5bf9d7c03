/** `flotilla params`, as processes of their own against a Flotilla in a process of its own. */
import { spawn } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  LabelParameterVersionCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../local/connection-file.ts';
import { hasMoto, startMoto } from '../support/dynamodb.ts';
import { clientOf, startServer, type ServerProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const program = path.resolve(import.meta.dirname, '../../cli/main.ts');
let folder: string;
let remove: () => void;
let server: ServerProcess;
let ssm: SSMClient;

beforeAll(async () => {
  ({ folder, remove } = temporaryFolder());
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  ssm = clientOf(server.connection);
});
afterAll(async () => {
  await server.kill('SIGKILL');
  remove();
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly error: string;
}

type Key = Pick<Connection, 'accessKeyId' | 'secretAccessKey'>;

const environmentOf = (connection: Connection, { accessKeyId, secretAccessKey }: Key): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  FLOTILLA_ENDPOINT: connection.endpoint,
  FLOTILLA_ACCESS_KEY_ID: accessKeyId,
  FLOTILLA_SECRET_ACCESS_KEY: secretAccessKey,
  FLOTILLA_REGION: connection.region,
});

interface Run {
  readonly connection?: Connection;
  readonly key?: Key;
  readonly input?: string;
  readonly environment?: Record<string, string>;
  /** Is told what is out so far. */
  readonly watch?: (out: string) => void;
}

function flotilla(
  args: readonly string[],
  { connection = server.connection, key = connection, input = '', environment = {}, watch }: Run = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      env: { ...environmentOf(connection, key), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [out, error] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      watch?.(out);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (error += chunk));
    child.once('close', (status) => resolve({ status, out, error }));
    child.stdin.end(input);
  });
}

const params = (...args: readonly string[]): Promise<Ended> => flotilla(['params', ...args]);
const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, ...(more.Overwrite === true ? {} : { Type: 'String' }), ...more }));
const valueOf = async (Name: string, by = ssm): Promise<string | undefined> =>
  (await by.send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value;

async function keyFor(role: string): Promise<Key> {
  const { AccessKeyId, SecretAccessKey } = JSON.parse(
    (await flotilla(['keys', 'create', '--name', role, '--role', role, '--json'])).out,
  ) as { AccessKeyId: string; SecretAccessKey: string };
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
}

describe('export and import', () => {
  test.each(['json', 'yaml'])('a tree goes through %s and comes back as it was', async (format) => {
    const from = `/round/${format}`;
    await put(`${from}/host`, 'db.internal', { Description: 'where it is', AllowedPattern: '^db\\.' });
    await put(`${from}/db/ports`, '1,2', { Type: 'StringList', DataType: 'integer' });
    await put(`${from}/db`, 'a name that is another’s beginning');
    await put(`${from}/db/password`, 'geheim', { Type: 'SecureString', Tier: 'Advanced' });
    const file = path.join(folder, `tree.${format}`);
    expect(await params('export', from, '--format', format, '--decrypt', '--output', file)).toEqual({
      status: 0,
      out: '',
      error: '',
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await params('import', file, `${from}-again`)).toMatchObject({
      status: 0,
      error: '4 created, 0 updated, 0 deleted\n',
    });
    expect(await params('diff', from, `${from}-again`)).toEqual({ status: 0, out: '', error: '' });
    expect(await params('diff', file, `${from}-again`)).toEqual({ status: 0, out: '', error: '' });

    const told = async (tree: string) =>
      (
        (
          await ssm.send(
            new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [tree] }] }),
          )
        ).Parameters ?? []
      ).map(({ Name, Type, Description, AllowedPattern, DataType, Tier, KeyId }) => ({
        Name: Name?.slice(tree.length),
        Type,
        Description,
        AllowedPattern,
        DataType,
        Tier,
        KeyId,
      }));
    expect(await told(`${from}-again`)).toEqual(await told(from));
    expect(await valueOf(`${from}-again/db/password`)).toBe('geheim');

    // What is the same is not written again.
    expect(await params('import', file, `${from}-again`)).toMatchObject({ status: 0, error: 'nothing to do\n' });
    expect((await ssm.send(new GetParameterCommand({ Name: `${from}-again/host` }))).Parameter?.Version).toBe(1);
  });

  test('every value of Unicode arrives as it was, through each format', async () => {
    const values = fc.sample(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }).filter((text) => !text.includes('{{')),
      { numRuns: 25, seed: 3 },
    );
    const tree = Object.fromEntries(
      [...values, ' ', '\u0000', '\r\n', '\uFEFF', 'it\'s "both" \\', '\u2028'].map((value, at) => [`n${at}`, value]),
    );
    expect(await flotilla(['params', 'import', '-', '/unicode/json'], { input: JSON.stringify(tree) })).toMatchObject({
      status: 0,
    });
    for (const [name, value] of Object.entries(tree)) expect(await valueOf(`/unicode/json/${name}`)).toBe(value);
    for (const format of ['yaml', 'dotenv']) {
      const { out } = await params('export', '/unicode/json', '--format', format);
      expect(
        await flotilla(['params', 'import', '-', `/unicode/${format}`, '--format', format], { input: out }),
      ).toMatchObject({ status: 0 });
      expect(await params('diff', '/unicode/json', `/unicode/${format}`)).toEqual({ status: 0, out: '', error: '' });
    }
  });

  test('a secret is in no file and on no terminal unless asked, and a file without it leaves it alone', async () => {
    await put('/masked/token', 'geheim', { Type: 'SecureString' });
    await put('/masked/host', 'a');
    const everywhere: Ended[] = [];
    for (const format of ['json', 'yaml', 'dotenv'])
      everywhere.push(await params('export', '/masked', '--format', format));
    const file = path.join(folder, 'masked.json');
    writeFileSync(file, (everywhere[0]?.out ?? '').replace('"a"', '"b"'));
    everywhere.push(
      await params('diff', '/masked', '/nothing'),
      await params('diff', '/masked', file),
      await params('promote', '/masked', '/masked-too'),
      await params('promote', '/masked', '/masked-too', '--yes'),
    );
    everywhere.push(
      await params('import', file, '/masked', '--overwrite', '--dry-run'),
      await params('import', file, '/masked', '--overwrite'),
    );
    expect(everywhere.filter(({ out, error }) => `${out}${error}`.includes('geheim'))).toEqual([]);
    expect(everywhere.at(-1)).toEqual({
      status: 0,
      out: '/masked/host updated, version 2\n',
      error: 'token is left alone: its value is not known\n0 created, 1 updated, 0 deleted\n',
    });
    expect(await valueOf('/masked/token')).toBe('geheim');
    expect((await params('export', '/masked', '--decrypt')).out).toContain('"geheim"');
  });

  test('what is there already is changed only with --overwrite, and else nothing is written', async () => {
    await put('/there/a', '1');
    const file = path.join(folder, 'there.env');
    writeFileSync(file, 'a=2\nb=3\n');
    expect(await params('import', file, '/there')).toEqual({
      status: 1,
      out: '',
      error: 'flotilla: nothing was written\n  a: it is there already and differs: --overwrite replaces it\n',
    });
    await expect(valueOf('/there/b')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect(await params('import', file, '/there', '--overwrite', '--type', 'SecureString')).toMatchObject({
      status: 0,
      error: '1 created, 1 updated, 0 deleted\n',
    });
    expect((await ssm.send(new GetParameterCommand({ Name: '/there/a' }))).Parameter).toMatchObject({
      Type: 'String',
      Value: '2',
      Version: 2,
    });
    expect((await ssm.send(new GetParameterCommand({ Name: '/there/b' }))).Parameter).toMatchObject({
      Type: 'SecureString',
    });
  });

  test('one that is refused does not keep the others, and is told of', async () => {
    const input = JSON.stringify({
      good: 'x',
      'aws-is-not-reserved-here': 'y',
      odd: { Value: 'z', DataType: 'nothing' },
    });
    const { status, error } = await flotilla(['params', 'import', '-', '/some'], { input });
    expect([status, error]).toEqual([
      1,
      expect.stringMatching(
        /^2 created, 0 updated, 0 deleted\nflotilla: 1 parameter could not be written\n {2}odd: ValidationException: /,
      ),
    ]);
    expect(await valueOf('/some/good')).toBe('x');
  });

  test('a thousand parameters are exported whole and in order', async () => {
    const tree = Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [`${String(at).padStart(4, '0')}/x`, `v${at}`]),
    );
    expect(await flotilla(['params', 'import', '-', '/many'], { input: JSON.stringify(tree) })).toMatchObject({
      status: 0,
      error: '1000 created, 0 updated, 0 deleted\n',
    });
    const exported = JSON.parse((await params('export', '/many')).out) as Record<string, { Value: string }>;
    expect(Object.entries(exported).map(([name, { Value }]) => [name, Value])).toEqual(Object.entries(tree));
  });
});

test('an import during which Flotilla dies is finished by the next one, and nothing is written twice', async () => {
  const data = path.join(folder, 'dies');
  const dying = await startServer(data, 0, path.join(folder, 'dies-events'));
  onTestFinished(() => dying.kill('SIGKILL'));
  const tree = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`n${at}`, `v${at}`]));
  const run = { connection: dying.connection, input: JSON.stringify(tree) };
  const cut = await flotilla(['params', 'import', '-', '/dies'], {
    ...run,
    watch: (out) => out.includes('/n200 created') && void dying.kill('SIGKILL'),
  });
  expect([cut.status, cut.error]).toEqual([253, expect.stringMatching(/does not answer|cut off/)]);
  const acknowledged = cut.out.split('\n').filter((line) => line !== '').length;
  expect(acknowledged).toBeLessThan(1500);

  const back = await startServer(
    data,
    Number(new URL(dying.connection.endpoint).port),
    path.join(folder, 'dies-events'),
  );
  onTestFinished(() => back.kill('SIGKILL'));
  const rest = await flotilla(['params', 'import', '-', '/dies'], run);
  const [, created] = /^(\d+) created, 0 updated, 0 deleted\n$/.exec(rest.error) ?? [];
  // What was acknowledged is there; of what was under way some may be.
  expect(Number(created)).toBeLessThanOrEqual(1500 - acknowledged);
  expect(rest.out.split('\n').filter((line) => line !== '' && !line.endsWith('version 1'))).toEqual([]);
  const { out } = await flotilla(['params', 'export', '/dies'], run);
  expect(
    Object.fromEntries(
      Object.entries(JSON.parse(out) as Record<string, { Value: string }>).map(([name, { Value }]) => [name, Value]),
    ),
  ).toEqual(tree);
});

describe('diff and promote', () => {
  test('a preview writes nothing; --yes makes the one as the other; --delete goes further', async () => {
    await put('/staging/host', 'new', { Description: 'said' });
    await put('/staging/token', 'new secret', { Type: 'SecureString' });
    await put('/staging/only', 'here');
    await put('/prod/host', 'old');
    await put('/prod/token', 'old secret', { Type: 'SecureString' });
    await put('/prod/gone', 'x');
    expect(await params('diff', '/prod', '/staging')).toEqual({
      status: 1,
      out: '- gone   String "x"\n~ host   Value "old" → "new"\n~ host   Description "" → "said"\n+ only   String "here"\n~ token  Value (secret) differs\n',
      error: '',
    });
    expect(await params('promote', '/staging', '/prod')).toEqual({
      status: 0,
      out: '~ host   Value "old" → "new"\n~ host   Description "" → "said"\n+ only   String "here"\n~ token  Value (secret) differs\n',
      error: 'gone is left alone: only the target has it\n3 changes; --yes makes them\n',
    });
    expect([await valueOf('/prod/host'), await valueOf('/prod/token')]).toEqual(['old', 'old secret']);

    expect(await params('promote', '/staging', '/prod', '--yes')).toMatchObject({
      status: 0,
      error: 'gone is left alone: only the target has it\n1 created, 2 updated, 0 deleted\n',
    });
    expect([await valueOf('/prod/host'), await valueOf('/prod/token'), await valueOf('/prod/gone')]).toEqual([
      'new',
      'new secret',
      'x',
    ]);
    expect(await params('promote', '/staging', '/prod', '--yes', '--delete')).toMatchObject({
      status: 0,
      out: '/prod/gone deleted\n',
      error: '0 created, 0 updated, 1 deleted\n',
    });
    expect(await params('diff', '/prod', '/staging')).toEqual({ status: 0, out: '', error: '' });
    expect(await params('promote', '/staging', '/prod', '--yes')).toMatchObject({
      status: 0,
      out: '',
      error: 'nothing to do\n',
    });
  });

  test('another type, and paths within each other, are refused before anything is written', async () => {
    await put('/types/a/x', '1', { Type: 'SecureString' });
    await put('/types/a/y', '1');
    await put('/types/b/x', '1');
    expect(await params('promote', '/types/a', '/types/b', '--yes')).toEqual({
      status: 1,
      out: '',
      error: 'flotilla: nothing was written\n  x: it is a String and cannot become a SecureString: delete it first\n',
    });
    await expect(valueOf('/types/b/y')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    expect(await params('promote', '/types', '/types/b')).toMatchObject({
      status: 2,
      error: 'flotilla: /types and /types/b lie within each other\n',
    });
    expect(await params('promote', '/types/c', '/types/b', '--yes', '--delete')).toMatchObject({
      status: 1,
      error: 'flotilla: there is nothing below /types/c\n',
    });
    expect(await params('diff', 'types', '/types/b')).toMatchObject({ status: 2 });
  });

  test('a viewer, who decrypts nothing, compares what he may, and exports no secret', async () => {
    const viewer = await keyFor('viewer');
    await put('/viewed/token', 'geheim', { Type: 'SecureString' });
    await put('/viewed/host', 'a');
    expect(await flotilla(['params', 'diff', '/viewed', '/viewed'], { key: viewer })).toEqual({
      status: 0,
      out: '? token  SecureString not compared: one side does not tell its value\n',
      error: '',
    });
    expect(await flotilla(['params', 'export', '/viewed', '--format', 'dotenv'], { key: viewer })).toEqual({
      status: 0,
      out: '# token is a SecureString whose value is not shown\nhost=a\n',
      error: '',
    });
    expect(await flotilla(['params', 'export', '/viewed', '--decrypt'], { key: viewer })).toMatchObject({
      status: 254,
      out: '',
      error: expect.stringContaining('AccessDeniedException') as string,
    });
  });
});

describe('import-from-aws', () => {
  const aws = {
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'of AWS',
    AWS_REGION: 'us-west-2',
    AWS_EC2_METADATA_DISABLED: 'true',
  };

  test.skipIf(!hasMoto)('AWS’s tree comes here, secrets and all, by AWS’s variables; ours are others', async () => {
    const moto = await startMoto();
    onTestFinished(() => moto.stop());
    const there = new SSMClient({
      endpoint: moto.url,
      region: 'us-west-2',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    });
    await there.send(
      new PutParameterCommand({
        Name: '/app/token',
        Value: 'geheim',
        Type: 'SecureString',
        KeyId: 'alias/of-aws',
        Description: 'the one',
      }),
    );
    for (let at = 0; at < 30; at++)
      await there.send(new PutParameterCommand({ Name: `/app/n/${at}`, Value: `v${at}`, Type: 'String' }));
    const environment = { ...aws, AWS_ENDPOINT_URL_SSM: moto.url };
    expect(
      await flotilla(['params', 'import-from-aws', '/app', '--to', '/from-aws', '--dry-run'], { environment }),
    ).toMatchObject({ status: 0, error: '31 changes; without --dry-run they are written\n' });
    expect(await flotilla(['params', 'import-from-aws', '/app', '--to', '/from-aws'], { environment })).toMatchObject({
      status: 0,
      error: '31 created, 0 updated, 0 deleted\n',
    });
    expect([await valueOf('/from-aws/token'), await valueOf('/from-aws/n/29')]).toEqual(['geheim', 'v29']);
    expect(await flotilla(['params', 'import-from-aws', '/app', '--to', '/from-aws'], { environment })).toMatchObject({
      status: 0,
      error: 'nothing to do\n',
    });
  });

  test.skipIf(!hasMoto)('public parameters come here, page by page, and are answered for as AWS does', async () => {
    const moto = await startMoto();
    onTestFinished(() => moto.stop());
    const environment = { ...aws, AWS_ENDPOINT_URL_SSM: moto.url };
    const images = '/aws/service/ami-amazon-linux-latest';
    const said = await flotilla(['params', 'import-public', images], { environment });
    const [, count = '0'] = /^(\d+) public parameters imported\n$/.exec(said.out) ?? [];
    expect(Number(count)).toBeGreaterThan(10);
    const there = new SSMClient({
      endpoint: moto.url,
      region: 'us-west-2',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    });
    const [first] = (await there.send(new GetParametersByPathCommand({ Path: images, Recursive: true }))).Parameters!;
    expect(await valueOf(first!.Name!)).toBe(first!.Value);
    expect(await flotilla(['params', 'import-public', '/aws/service/nothing-there'], { environment })).toMatchObject({
      status: 1,
      error: expect.stringContaining('there is nothing below') as string,
    });
    expect(
      await flotilla(['params', 'import-public', images, '--aws-endpoint', server.connection.endpoint], {
        environment: aws,
      }),
    ).toMatchObject({ status: 2, error: expect.stringContaining('both ends are') as string });
  });

  test('says what is absent, and does not take Flotilla for AWS', async () => {
    const nobody = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      HOME: folder,
      AWS_REGION: 'us-east-1',
    };
    expect(await flotilla(['params', 'import-from-aws', '/app'], { environment: nobody })).toMatchObject({
      status: 2,
      error: expect.stringMatching(/^flotilla: no way to AWS: /) as string,
    });
    expect(
      await flotilla(['params', 'import-from-aws', '/app', '--aws-endpoint', server.connection.endpoint], {
        environment: aws,
      }),
    ).toMatchObject({ status: 2, error: expect.stringContaining('both ends are') as string });
  });

  test('the Region of AWS_DEFAULT_REGION alone is enough', async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: folder,
    };
    // As far as the comparison of both ends it comes with a Region only.
    expect(
      await flotilla(['params', 'import-from-aws', '/app', '--aws-endpoint', server.connection.endpoint], {
        environment,
      }),
    ).toMatchObject({ status: 2, error: expect.stringContaining('both ends are') as string });
  });
});

describe('serve', () => {
  interface Served {
    readonly url: string;
    readonly log: string[];
    readonly stop: () => Promise<number | null>;
  }

  function serve(connection: Connection, ...args: readonly string[]): Promise<Served> {
    // As a function has it: a session token that is not our key's.
    return serveWith({ ...environmentOf(connection, connection), AWS_SESSION_TOKEN: 'of the function' }, ...args);
  }

  async function serveWith(env: Record<string, string>, ...args: readonly string[]): Promise<Served> {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, 'params', 'serve', '--port', '0', ...args],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const log: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const stop = (): Promise<number | null> => {
      child.kill('SIGTERM');
      return ended;
    };
    onTestFinished(async () => void (await stop()));
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('close', () => reject(new Error(log.join('\n'))));
    });
    return { url, log, stop };
  }

  const get = async (url: string, token = 'of the function') => {
    const response = await fetch(url, { headers: { 'X-Aws-Parameters-Secrets-Token': token } });
    const text = await response.text();
    return {
      status: response.status,
      text,
      get parameter() {
        return (JSON.parse(text) as { Parameter: Record<string, unknown> }).Parameter;
      },
    };
  };
  const failed = { status: 400, text: 'an unexpected error occurred while executing request' };

  test('with the variables that npm start prints, what callers must show is not what it signs with', async () => {
    await put('/served/by-aws-variables', 'value');
    const { endpoint, accessKeyId, secretAccessKey, region } = server.connection;
    const environment = {
      PATH: process.env['PATH'] ?? '',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_SESSION_TOKEN: 'of the function',
    };
    const { url } = await serveWith(environment);
    expect((await get(`${url}?name=%2Fserved%2Fby-aws-variables`)).parameter).toMatchObject({ Value: 'value' });
    await expect(serveWith({ ...environment, AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE' })).rejects.toThrow(
      /choose another with --token/,
    );
  });

  test('tells a function what GetParameter tells, by name, version, label and ARN', async () => {
    await put('/served/host', 'one');
    await put('/served/host', 'two', { Overwrite: true });
    await ssm.send(new LabelParameterVersionCommand({ Name: '/served/host', ParameterVersion: 1, Labels: ['stable'] }));
    await put('/served/token', 'geheim', { Type: 'SecureString' });
    const { url, stop } = await serve(server.connection);
    const name = encodeURIComponent('/served/host');
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/served/host' }));
    const told = await get(`${url}?name=${name}`);
    expect(JSON.parse(told.text)).toEqual({
      Parameter: {
        ARN: Parameter?.ARN,
        DataType: 'text',
        LastModifiedDate: expect.any(String) as string,
        Name: '/served/host',
        Selector: null,
        SourceResult: null,
        Type: 'String',
        Value: 'two',
        Version: 2,
      },
      ResultMetadata: {},
    });
    expect(new Date(told.parameter['LastModifiedDate'] as string)).toEqual(Parameter?.LastModifiedDate);
    expect((await get(`${url}/?name=${name}&version=1`)).parameter).toMatchObject({
      Value: 'one',
      Version: 1,
      Selector: ':1',
    });
    expect((await get(`${url}?name=${name}&label=stable`)).parameter).toMatchObject({
      Value: 'one',
      Selector: ':stable',
    });
    expect((await get(`${url}?name=${encodeURIComponent(Parameter?.ARN ?? '')}`)).parameter).toMatchObject({
      Value: 'two',
    });
    expect((await get(`${url}?name=%2Fserved%2Ftoken&withDecryption=true`)).parameter).toMatchObject({
      Value: 'geheim',
      Type: 'SecureString',
    });
    expect((await get(`${url}?name=%2Fserved%2Ftoken`)).text).not.toContain('geheim');
    expect(await get(`${url}?name=%2Fserved%2Fnone`)).toMatchObject(failed);
    expect(await get(`${url}?name=${name}&version=9`)).toMatchObject(failed);
    expect(await get(`${url}?name=${name}`, 'of another')).toMatchObject({ status: 401 });
    expect(await stop()).toBe(0);
  });

  test('keeps what it was told for its time, an error for none', async () => {
    await put('/kept/a', 'old');
    const [kept, fresh] = [await serve(server.connection), await serve(server.connection, '--ttl', '0')];
    expect((await get(`${kept.url}?name=/kept/a`)).parameter['Value']).toBe('old');
    expect((await get(`${fresh.url}?name=/kept/a`)).parameter['Value']).toBe('old');
    expect(await get(`${kept.url}?name=/kept/later`)).toMatchObject(failed);
    await put('/kept/a', 'new', { Overwrite: true });
    await put('/kept/later', 'there');
    expect((await get(`${kept.url}?name=/kept/a`)).parameter['Value']).toBe('old');
    expect((await get(`${fresh.url}?name=/kept/a`)).parameter['Value']).toBe('new');
    expect((await get(`${kept.url}?name=/kept/later`)).parameter['Value']).toBe('there');
    await ssm.send(new DeleteParameterCommand({ Name: '/kept/a' }));
    expect(await get(`${fresh.url}?name=/kept/a`)).toMatchObject(failed);
  });

  test('answers on while Flotilla is away, from what it keeps, and asks again when it is back', async () => {
    const data = path.join(folder, 'away');
    const away = await startServer(data, 0, path.join(folder, 'away-events'));
    onTestFinished(() => away.kill('SIGKILL'));
    const by = clientOf(away.connection);
    for (const Name of ['/x', '/y']) await by.send(new PutParameterCommand({ Name, Value: Name, Type: 'String' }));
    const { url, log } = await serve(away.connection);
    expect((await get(`${url}?name=/x`)).status).toBe(200);
    await away.kill('SIGKILL');
    expect((await get(`${url}?name=/x`)).parameter['Value']).toBe('/x');
    expect(await get(`${url}?name=/y`)).toMatchObject(failed);
    // What a process says on stderr comes when it comes.
    await expect.poll(() => log.join('\n')).toMatch(/ERROR \/y: .* does not answer/);
    const back = await startServer(
      data,
      Number(new URL(away.connection.endpoint).port),
      path.join(folder, 'away-events'),
    );
    onTestFinished(() => back.kill('SIGKILL'));
    expect((await get(`${url}?name=/y`)).parameter['Value']).toBe('/y');
  });

  test('does not start without a token, nor on a port that is taken', async () => {
    expect(await params('serve', '--port', '0')).toMatchObject({
      status: 2,
      error: 'flotilla: which token must callers show? Set AWS_SESSION_TOKEN or --token\n',
    });
    const { url } = await serve(server.connection);
    expect(await params('serve', '--port', new URL(url).port, '--token', 'x')).toMatchObject({
      status: 1,
      error: expect.stringMatching(/cannot be listened on: .*EADDRINUSE/) as string,
    });
  });
});

test('a file that cannot be read is said so', async () => {
  expect(await params('import', path.join(folder, 'none.json'), '/x')).toMatchObject({
    status: 2,
    error: expect.stringContaining('cannot be read: ENOENT') as string,
  });
  const file = path.join(folder, 'latin1.env');
  writeFileSync(file, Buffer.from('a=\xe9\n', 'latin1'));
  expect(await params('import', file, '/x')).toMatchObject({
    status: 2,
    error: expect.stringContaining('latin1.env cannot be read') as string,
  });
});
