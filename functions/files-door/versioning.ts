/** Whether a bucket keeps the versions of its objects. */
import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import { accessDenied, malformedXml, notImplemented } from './errors.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import { readXml, textOf } from './xml-reader.ts';
import { document } from './xml.ts';

export async function getBucketVersioning({ bucket }: S3Request, { files }: DoorContext): Promise<Answer> {
  return {
    status: 200,
    headers: {},
    xml: document('VersioningConfiguration', { Status: await files.buckets.versioning(bucket) }),
  };
}

export async function putBucketVersioning(request: S3Request, { files, serviceBucket }: DoorContext): Promise<Answer> {
  const root = readXml(await readText(request));
  const status = textOf(root, 'Status');
  if (root.name !== 'VersioningConfiguration' || (status !== 'Enabled' && status !== 'Suspended')) throw malformedXml();
  if ((textOf(root, 'MfaDelete') ?? 'Disabled') !== 'Disabled') throw notImplemented('MFA delete');
  // Reports are replaced by every scan: their versions would fill the disk.
  if (request.bucket === serviceBucket) throw accessDenied("This bucket is the service's own.");
  await files.buckets.setVersioning(request.bucket, status);
  return { status: 200, headers: {} };
}
