/** `aws s3` and boto3 before a whole Flotilla: other makers' signers, transfer managers and retries. */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../core/log.ts';
import { startFlotilla, type Flotilla } from '../../local/flotilla.ts';
import { temporaryFolder } from '../support/state.ts';

function versionOf(command: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch {
    return undefined;
  }
}

const cli = versionOf('aws', '--version');
const boto3 = versionOf('python3', '-c', 'import boto3; print(boto3.__version__)');

const { folder, remove } = temporaryFolder();
let flotilla: Flotilla;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  flotilla = await startFlotilla({
    data: path.join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    awsQuotas: false,
    log: silentLog,
  });
  const { endpoint, accessKeyId, secretAccessKey, region } = flotilla.connection;
  environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_MAX_ATTEMPTS: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
});
afterAll(async () => {
  await flotilla.stop();
  remove();
});

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env: environment, cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, out, stderr) =>
      error === null ? resolve(out) : reject(new Error(`${stderr}${out}`)),
    );
  });
}

describe.skipIf(cli === undefined)(`the AWS CLI (${cli ?? 'absent'})`, () => {
  const aws = (...args: string[]): Promise<string> => run('aws', args);

  test('mb, cp, ls, sync, presign, rm, rb', async () => {
    const small = path.join(folder, 'small.txt');
    const large = path.join(folder, 'large.bin');
    const bytes = randomBytes(20 * 1024 * 1024);
    writeFileSync(small, 'hello');
    writeFileSync(large, bytes);
    await aws('s3', 'mb', 's3://cli');
    await aws('s3', 'cp', small, 's3://cli/a dir/small ü.txt');
    // Above its threshold the CLI uploads in parts.
    await aws('s3', 'cp', large, 's3://cli/large.bin', '--no-progress');
    expect(await aws('s3', 'ls', 's3://cli/')).toMatch(/PRE a dir\/\n.* 20971520 large\.bin\n$/);
    expect(await aws('s3', 'ls')).toContain(flotilla.context.serviceBucket);
    expect(await aws('s3', 'cp', 's3://cli/a dir/small ü.txt', '-')).toBe('hello');
    await aws('s3', 'cp', 's3://cli/large.bin', path.join(folder, 'back.bin'), '--no-progress');
    expect(readFileSync(path.join(folder, 'back.bin')).equals(bytes)).toBe(true);
    expect(await (await fetch((await aws('s3', 'presign', 's3://cli/a dir/small ü.txt')).trim())).text()).toBe('hello');

    const tree = path.join(folder, 'tree');
    mkdirSync(path.join(tree, 'below'), { recursive: true });
    for (const name of ['one', 'below/two', 'below/a+b &%.txt']) writeFileSync(path.join(tree, name), name);
    await aws('s3', 'sync', tree, 's3://cli/tree', '--no-progress');
    expect(await aws('s3', 'sync', tree, 's3://cli/tree')).toBe('');
    await aws('s3', 'sync', 's3://cli/tree', 's3://cli/copied', '--no-progress');
    await aws('s3', 'sync', 's3://cli/copied', path.join(folder, 'synced'), '--no-progress');
    expect(readdirSync(path.join(folder, 'synced', 'below')).sort()).toEqual(['a+b &%.txt', 'two']);
    await aws('s3', 'mv', 's3://cli/large.bin', 's3://cli/moved.bin', '--no-progress');
    await expect(aws('s3', 'rb', 's3://cli')).rejects.toThrow('BucketNotEmpty');
    await aws('s3', 'rm', '--recursive', 's3://cli');
    await aws('s3', 'rb', 's3://cli');
    await expect(aws('s3', 'ls', 's3://cli')).rejects.toThrow('NoSuchBucket');
  });

  test('errors as the CLI prints them', async () => {
    await expect(
      aws('s3api', 'get-object', '--bucket', flotilla.context.serviceBucket, '--key', 'none', path.join(folder, 'out')),
    ).rejects.toThrow(
      'An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.',
    );
    expect(existsSync(path.join(folder, 'out'))).toBe(false);
    await expect(aws('s3api', 'get-bucket-policy', '--bucket', flotilla.context.serviceBucket)).rejects.toThrow(
      '(NotImplemented)',
    );
  });
});

describe.skipIf(boto3 === undefined)(`boto3 (${boto3 ?? 'absent'})`, () => {
  test('transfers, checksums, pages, URLs, errors', async () => {
    const out = await run('python3', [
      '-c',
      `
import boto3, io, json, os, urllib.request
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
s3 = boto3.client('s3')
s3.create_bucket(Bucket='boto')
data = os.urandom(12 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(data), 'boto', 'large', Config=TransferConfig(multipart_threshold=1, multipart_chunksize=5 * 1024 * 1024))
back = io.BytesIO()
s3.download_fileobj('boto', 'large', back)
result = {'large': back.getvalue() == data}
put = s3.put_object(Bucket='boto', Key='a b/ü', Body=b'hello', ChecksumAlgorithm='SHA256', Metadata={'who': 'me'})
head = s3.head_object(Bucket='boto', Key='a b/ü', ChecksumMode='ENABLED')
result['checksum'] = head['ChecksumSHA256'] == put['ChecksumSHA256'] and head['Metadata'] == {'who': 'me'}
result['stream'] = s3.get_object(Bucket='boto', Key='a b/ü')['Body'].read().decode()
for place in range(12): s3.put_object(Bucket='boto', Key=f'p/{place:02}', Body=b'')
pages = s3.get_paginator('list_objects_v2').paginate(Bucket='boto', Prefix='p/', PaginationConfig={'PageSize': 5})
result['pages'] = [len(page['Contents']) for page in pages]
result['keys'] = [one['Key'] for one in s3.list_objects(Bucket='boto', Prefix='a b')['Contents']]
s3.copy({'Bucket': 'boto', 'Key': 'large'}, 'boto', 'copy', Config=TransferConfig(multipart_threshold=1, multipart_chunksize=6 * 1024 * 1024))
result['copy'] = s3.get_object(Bucket='boto', Key='copy')['Body'].read() == data
url = s3.generate_presigned_url('get_object', Params={'Bucket': 'boto', 'Key': 'a b/ü'}, ExpiresIn=60)
result['url'] = urllib.request.urlopen(url).read().decode()
result['deleted'] = len(s3.delete_objects(Bucket='boto', Delete={'Objects': [{'Key': 'large'}, {'Key': 'copy'}]})['Deleted'])
try: s3.get_object(Bucket='boto', Key='large')
except ClientError as error: result['error'] = error.response['Error']['Code']
s3.put_object(Bucket='boto', Key='named', Body=b'x', ContentDisposition='attachment; filename="é.txt"', Tagging='k=é')
named = s3.head_object(Bucket='boto', Key='named')['ContentDisposition']
# botocore reads headers as Latin-1.
result['disposition'] = named.encode('latin-1').decode('utf-8')
result['tags'] = s3.get_object_tagging(Bucket='boto', Key='named')['TagSet']
print(json.dumps(result))`,
    ]);
    expect(JSON.parse(out)).toEqual({
      disposition: 'attachment; filename="é.txt"',
      tags: [{ Key: 'k', Value: 'é' }],
      large: true,
      checksum: true,
      stream: 'hello',
      pages: [5, 5, 2],
      keys: ['a b/ü'],
      copy: true,
      url: 'hello',
      deleted: 2,
      error: 'NoSuchKey',
    });
  });
});

test.runIf(cli === undefined)('the AWS CLI is not installed: its tests were skipped', ({ skip }) => skip());
test.runIf(boto3 === undefined)('boto3 is not installed: its tests were skipped', ({ skip }) => skip());
