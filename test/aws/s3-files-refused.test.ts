/** What S3 refuses, as the port's error: whoever reads buckets of others must be able to tell it from a fault. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3Files } from '../../aws/s3-files.ts';
import { FileAccessDenied } from '../../core/files.ts';

let server: Server;
let files: S3Files;
beforeAll(async () => {
  server = createServer((_request, response) =>
    response
      .writeHead(403, { 'content-type': 'application/xml' })
      .end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  files = new S3Files({
    region: 'us-east-1',
    s3: new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    }),
  });
});
afterAll(() => void server.close());

test('reading, listing and storing', async () => {
  await expect(files.get('theirs', 'key')).rejects.toBeInstanceOf(FileAccessDenied);
  await expect(files.list('theirs')).rejects.toBeInstanceOf(FileAccessDenied);
  await expect(files.put('theirs', 'key', Buffer.from('x'))).rejects.toBeInstanceOf(FileAccessDenied);
});
