/** Uploads to the S3 door itself: in one request, and in parts. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpClient } from '../../core/http-client.ts';
import { uploadFile } from '../../agent/upload.ts';
import { signRequest, type Credentials } from '../../core/sigv4/sign.ts';
import { openFilesDoor, type RunningFilesDoor } from '../support/files-door.ts';

let door: RunningFilesDoor;
let http: HttpClient;
beforeEach(async () => {
  door = await openFilesDoor();
  http = new HttpClient();
});
afterEach(async () => {
  http.close();
  await door.close();
});

const sizes = { request: 6_000_000, part: 5_242_880 };

function service(credentials: Credentials) {
  return {
    http,
    registration: {
      nodeId: 'mi-1',
      region: 'us-east-1',
      endpoint: door.endpoint,
      nodeEndpoint: door.endpoint,
      s3Endpoint: door.endpoint,
    },
    s3Headers: async (method: string, url: URL, headers: Readonly<Record<string, string>>) =>
      signRequest({
        method,
        url,
        headers,
        credentials,
        region: 'us-east-1',
        service: 's3',
        payloadHash: 'UNSIGNED-PAYLOAD',
      }),
  };
}

function fileOf(bytes: Buffer): string {
  const file = path.join(mkdtempSync(path.join(door.folder, 'upload-')), 'stdout');
  writeFileSync(file, bytes);
  return file;
}

async function stored(key: string): Promise<Buffer | undefined> {
  const found = await door.files.get('outputs', key);
  return found === undefined ? undefined : Buffer.concat((await found.body.toArray()) as Buffer[]);
}

test.each([1, 5_999_999, 6_000_000, 6_000_001, 5_242_880 * 2, 12_345_678])(
  '%i bytes arrive as they are',
  async (size) => {
    await door.files.createBucket('outputs');
    const bytes = Buffer.alloc(size, 'The quick brown fox. ');
    await uploadFile(service(door.credentials), 'outputs', 'a b/cmd/mi-1/stdout', fileOf(bytes), sizes);
    expect((await stored('a b/cmd/mi-1/stdout'))?.equals(bytes)).toBe(true);
  },
);

test('a node uploads its own output in parts, to the service’s bucket too, and nobody else’s', async () => {
  const credentials = await door.keyForNode('mi-0123456789abcdef0');
  await door.files.createBucket(door.context.serviceBucket);
  const bytes = Buffer.alloc(11_000_000, 'x');
  await uploadFile(
    service(credentials),
    door.context.serviceBucket,
    'output/cmd/mi-0123456789abcdef0/awsrunShellScript/step/stdout',
    fileOf(bytes),
    sizes,
  );
  const found = await door.files.head(
    door.context.serviceBucket,
    'output/cmd/mi-0123456789abcdef0/awsrunShellScript/step/stdout',
  );
  expect(found?.size).toBe(11_000_000);
  await expect(
    uploadFile(
      service(credentials),
      door.context.serviceBucket,
      'output/cmd/mi-0123456789abcdef1/x/stdout',
      fileOf(bytes),
      sizes,
    ),
  ).rejects.toThrow(/AccessDenied/);
  await expect(
    uploadFile(
      service(credentials),
      door.context.serviceBucket,
      'reports/mi-0123456789abcdef0/x',
      fileOf(Buffer.from('x')),
      sizes,
    ),
  ).rejects.toThrow(/AccessDenied/);
});

test('an empty file is left out, and a bucket that is not there is an error that says so', async () => {
  await door.files.createBucket('outputs');
  await uploadFile(service(door.credentials), 'outputs', 'empty', fileOf(Buffer.alloc(0)), sizes);
  expect(await stored('empty')).toBeUndefined();
  await expect(
    uploadFile(service(door.credentials), 'nowhere', 'x', fileOf(Buffer.alloc(7_000_000)), sizes),
  ).rejects.toThrow(/NoSuchBucket/);
});
