import { expect, test } from 'vitest';
import { attachmentSources } from '../../../../functions/change-management/documents/attachment-sources.ts';

test.each([
  ['SourceUrl', 's3://bucket/a/b', { kind: 'folder', bucket: 'bucket', prefix: 'a/b/' }],
  ['SourceUrl', 's3://bucket', { kind: 'folder', bucket: 'bucket', prefix: '' }],
  [
    'SourceUrl',
    'https://s3.eu-west-1.amazonaws.com/bucket/a%20b/',
    { kind: 'folder', bucket: 'bucket', prefix: 'a b/' },
  ],
  ['SourceUrl', 'https://bucket.s3.amazonaws.com/a', { kind: 'folder', bucket: 'bucket', prefix: 'a/' }],
  [
    'SourceUrl',
    'https://my.bucket.s3.us-east-1.amazonaws.com/a',
    { kind: 'folder', bucket: 'my.bucket', prefix: 'a/' },
  ],
  [
    'S3FileUrl',
    'http://127.0.0.1:8555/bucket/a/x.py',
    { kind: 'object', bucket: 'bucket', key: 'a/x.py', name: 'x.py' },
  ],
  ['AttachmentReference', 'Doc/3/x.zip', { kind: 'reference', document: 'Doc', version: '3', name: 'x.zip' }],
  [
    'AttachmentReference',
    'arn:aws:ssm:us-east-1:123456789012:document/Doc/$LATEST/x.zip',
    {
      kind: 'reference',
      document: 'arn:aws:ssm:us-east-1:123456789012:document/Doc',
      version: '$LATEST',
      name: 'x.zip',
    },
  ],
] as const)('%s %s', (Key, value, source) => {
  expect(attachmentSources([{ Key, Values: [value] }])).toEqual([source]);
});

test('a name that is given goes before the file’s own', () => {
  expect(attachmentSources([{ Key: 'S3FileUrl', Values: ['s3://b/x'], Name: 'y' }])).toMatchObject([{ name: 'y' }]);
});

test.each([
  [{ Key: 'SourceUrl', Values: [] }, /exactly one value/],
  [{ Key: 'SourceUrl', Values: ['s3://a', 's3://b'] }, /exactly one value/],
  [{ Key: 'SourceUrl', Values: ['bucket/a'] }, /is not a URL/],
  [{ Key: 'SourceUrl', Values: ['ftp://bucket/a'] }, /neither an s3 nor an https URL/],
  [{ Key: 'SourceUrl', Values: ['https://example.com/'] }, /names no bucket/],
  [{ Key: 'SourceUrl', Values: ['s3://.uploads/x'] }, /names no bucket/],
  [{ Key: 'S3FileUrl', Values: ['https://example.com/.uploads/x/y'] }, /names no bucket/],
  [{ Key: 'S3FileUrl', Values: ['s3://bucket/a/'] }, /names no file/],
  [{ Key: 'S3FileUrl', Values: ['s3://bucket/%zz'] }, /is not a URL/],
  [{ Key: 'AttachmentReference', Values: ['Doc/x.zip'] }, /no reference/],
  [{ Values: ['s3://a'] }, /must be SourceUrl/],
] as const)('%j is refused', (source, message) => {
  expect(() => attachmentSources([source as never])).toThrow(
    expect.objectContaining({
      code: 'ValidationException',
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});
