/**
 * URLs presigned with Signature Version 2 (`?AWSAccessKeyId=…&Expires=…&Signature=…`). `aws s3 presign` and boto3 make
 * them unless `s3v4` is set. Nothing else of that version is accepted.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { findAccessKey } from '../../core/access-keys.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context } from '../../core/context.ts';
import { textToHeader, type HttpRequest } from '../../core/http.ts';
import { sha256 } from '../../core/sigv4/canonical-request.ts';
import { accessDenied, S3Error } from './errors.ts';
import { queryMap } from './s3-request.ts';

type Request = Omit<HttpRequest, 'body'>;

/** Parameters that belong to the signed resource, besides `response-…`. */
const signedParameters: ReadonlySet<string> = new Set(
  'acl cors delete lifecycle location logging notification partNumber policy requestPayment restore tagging torrent uploadId uploads versionId versioning versions website'.split(
    ' ',
  ),
);

export function isPresignedV2(query: string): boolean {
  return query.includes('AWSAccessKeyId=') && query.includes('Signature=');
}

/**
 * @param bucket the bucket that the host names
 * @throws S3Error
 */
export async function authenticateV2(request: Request, bucket: string | undefined, context: Context): Promise<Caller> {
  const query = queryMap(request.query);
  const expires = query.get('Expires') ?? '';
  if (!/^\d{1,12}$/.test(expires))
    throw accessDenied('Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters');
  if (Number(expires) * 1000 < Date.now()) throw accessDenied('Request has expired');
  const key = await findAccessKey(context, query.get('AWSAccessKeyId') ?? '');
  const token = request.headers['x-amz-security-token'];
  if (key === undefined || (token === undefined ? undefined : sha256(token)) !== key.sessionTokenDigest)
    throw new S3Error('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.');
  const expected = createHmac('sha1', key.secretAccessKey)
    .update(stringToSignV2(request, bucket, expires), 'latin1')
    .digest();
  const claimed = Buffer.from(query.get('Signature') ?? '', 'base64');
  if (claimed.length !== expected.length || !timingSafeEqual(claimed, expected))
    throw new S3Error(
      'SignatureDoesNotMatch',
      403,
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  if (key.expiresAt !== undefined && key.expiresAt <= Date.now())
    throw new S3Error('ExpiredToken', 400, 'The provided token has expired.');
  return key.caller;
}

/**
 * Every `x-amz-` header is signed, so none can be added to a URL later.
 * @returns one character for each byte
 */
export function stringToSignV2(
  { method, path, query, headers }: Pick<Request, 'method' | 'path' | 'query' | 'headers'>,
  bucket: string | undefined,
  expires: string,
): string {
  const amz = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-amz-'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const resource = [...queryMap(query)]
    .filter(([name]) => signedParameters.has(name) || name.startsWith('response-'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${textToHeader(value)}`))
    .join('&');
  const place = `${bucket === undefined ? '' : `/${bucket}`}${path}${resource === '' ? '' : `?${resource}`}`;
  return `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${expires}\n${amz}${place}`;
}
