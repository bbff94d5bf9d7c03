/** Creates, describes and deletes buckets. */
import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import { accessDenied, noSuchBucket, S3Error } from './errors.ts';
import { checkAcl } from './object-headers.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import { readXml, textOf } from './xml-reader.ts';
import { document } from './xml.ts';

/** AWS's rule for names that can be part of a host name. Names that begin with a dot are for internal use. */
function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}

export async function createBucket(request: S3Request, { files, region }: DoorContext): Promise<Answer> {
  const { bucket } = request;
  if (!isBucketName(bucket))
    throw new S3Error('InvalidBucketName', 400, 'The specified bucket is not valid.', { BucketName: bucket });
  checkAcl(request.headers);
  const text = await readText(request);
  // S3 does not accept us-east-1 as a location constraint.
  const place = text === '' ? undefined : textOf(readXml(text), 'LocationConstraint');
  if (place !== undefined && (place !== region || region === 'us-east-1'))
    throw new S3Error(
      'IllegalLocationConstraintException',
      400,
      `The ${place} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  if (await files.bucketExists(bucket)) {
    // Only in us-east-1 may the owner create the same bucket twice.
    if (region !== 'us-east-1')
      throw new S3Error(
        'BucketAlreadyOwnedByYou',
        409,
        'Your previous request to create the named bucket succeeded and you already own it.',
        { BucketName: bucket },
      );
  } else await files.createBucket(bucket);
  return { status: 200, headers: { location: `/${bucket}` } };
}

export async function headBucket({ bucket }: S3Request, { files, region }: DoorContext): Promise<Answer> {
  if (!(await files.bucketExists(bucket))) throw noSuchBucket();
  return { status: 200, headers: { 'x-amz-bucket-region': region } };
}

export async function deleteBucket({ bucket }: S3Request, { files, serviceBucket }: DoorContext): Promise<Answer> {
  if (bucket === serviceBucket) throw accessDenied("This bucket is the service's own.");
  await files.buckets.delete(bucket);
  return { status: 204, headers: {} };
}

export async function listBuckets({ query }: S3Request, { files, account }: DoorContext): Promise<Answer> {
  const prefix = query.get('prefix');
  const buckets = (await files.buckets.list()).filter(
    ({ name }) => !name.startsWith('.') && name.startsWith(prefix ?? ''),
  );
  const Bucket = buckets.map(({ name, createdAt }) => ({
    Name: name,
    CreationDate: new Date(createdAt).toISOString(),
  }));
  return {
    status: 200,
    headers: {},
    xml: document('ListAllMyBucketsResult', { Owner: { ID: account }, Buckets: { Bucket }, Prefix: prefix }),
  };
}

export async function bucketLocation({ bucket }: S3Request, { files, region }: DoorContext): Promise<Answer> {
  if (!(await files.bucketExists(bucket))) throw noSuchBucket();
  return { status: 200, headers: {}, xml: document('LocationConstraint', region === 'us-east-1' ? '' : region) };
}

/** Agents ask before they upload, and read this answer as "no default encryption". */
export async function bucketEncryption({ bucket }: S3Request, { files }: DoorContext): Promise<Answer> {
  if (!(await files.bucketExists(bucket))) throw noSuchBucket();
  throw new S3Error(
    'ServerSideEncryptionConfigurationNotFoundError',
    404,
    'The server side encryption configuration was not found',
    { BucketName: bucket },
  );
}
