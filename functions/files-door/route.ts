/** Finds a request's operation, and whether its caller may call it. */
import type { Answer } from './answer.ts';
import { onRecord } from './audit.ts';
import { authorizeS3, checkOwner, type Access } from './authorize.ts';
import * as buckets from './buckets.ts';
import { completeUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { methodNotAllowed, noSuchBucket, notImplemented } from './errors.ts';
import * as lifecycle from './lifecycle.ts';
import * as lists from './list-objects.ts';
import * as multipart from './multipart.ts';
import * as objects from './objects.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import * as tagging from './tagging.ts';
import * as versioning from './versioning.ts';

type Handler = (request: S3Request, context: DoorContext) => Promise<Answer>;

interface Operation {
  /** CloudTrail's name for it. */
  readonly name: string;
  readonly access: Access;
  readonly handler: Handler;
}

type Operations = Readonly<Record<string, Operation>>;

const describe = (name: string, handler: Handler): Operation => ({ name, access: 'describe', handler });
const read = (name: string, handler: Handler): Operation => ({ name, access: 'read', handler });
const store = (name: string, handler: Handler): Operation => ({ name, access: 'store', handler });
const change = (name: string, handler: Handler): Operation => ({ name, access: 'change', handler });

/** By method and the query's sub-resource. `key` is for an object, `copy` for a request with a copy source. */
const operations: Operations = {
  'GET service': read('ListBuckets', buckets.listBuckets),

  'HEAD bucket': describe('HeadBucket', buckets.headBucket),
  'PUT bucket': change('CreateBucket', buckets.createBucket),
  'DELETE bucket': change('DeleteBucket', buckets.deleteBucket),
  'GET bucket': read('ListObjects', (request, context) =>
    request.query.get('list-type') === '2'
      ? lists.listObjectsV2(request, context)
      : lists.listObjects(request, context),
  ),
  'GET bucket?encryption': describe('GetBucketEncryption', buckets.bucketEncryption),
  'GET bucket?location': describe('GetBucketLocation', buckets.bucketLocation),
  'GET bucket?lifecycle': read('GetBucketLifecycle', lifecycle.getBucketLifecycle),
  'PUT bucket?lifecycle': change('PutBucketLifecycle', lifecycle.putBucketLifecycle),
  'DELETE bucket?lifecycle': change('DeleteBucketLifecycle', lifecycle.deleteBucketLifecycle),
  'GET bucket?versioning': read('GetBucketVersioning', versioning.getBucketVersioning),
  'PUT bucket?versioning': change('PutBucketVersioning', versioning.putBucketVersioning),
  'GET bucket?versions': read('ListObjectVersions', lists.listObjectVersions),
  'GET bucket?uploads': read('ListMultipartUploads', multipart.listUploads),
  'POST bucket?delete': change('DeleteObjects', deleteObjects),

  'GET key': read('GetObject', objects.getObject),
  'HEAD key': read('HeadObject', objects.getObject),
  'PUT key': store('PutObject', objects.putObject),
  'PUT copy': store('CopyObject', copyObject),
  'DELETE key': change('DeleteObject', deleteObject),
  'GET key?tagging': read('GetObjectTagging', tagging.getObjectTagging),
  'PUT key?tagging': change('PutObjectTagging', tagging.putObjectTagging),
  'DELETE key?tagging': change('DeleteObjectTagging', tagging.deleteObjectTagging),
  'POST key?uploads': store('CreateMultipartUpload', multipart.createUpload),
  'GET key?uploadId': store('ListParts', multipart.listParts),
  'PUT key?uploadId': store('UploadPart', multipart.uploadPart),
  'PUT copy?uploadId': store('UploadPartCopy', multipart.copyPart),
  'POST key?uploadId': store('CompleteMultipartUpload', completeUpload),
  'DELETE key?uploadId': store('AbortMultipartUpload', multipart.abortUpload),
};

/**
 * S3's sub-resources, offered or not: a request for one must never be handled as one for the bucket or object itself.
 */
const subresources =
  'abac accelerate acl analytics append attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location logging metadataConfiguration metadataTable metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent uploadId uploads versioning versions website'.split(
    ' ',
  );

/** @throws S3Error */
export async function route(request: S3Request, context: DoorContext): Promise<Answer> {
  const { method, bucket, key, query, headers } = request;
  // Buckets for internal use cannot be reached.
  if (bucket.startsWith('.')) throw noSuchBucket();
  const subresource = subresources.find((name) => query.has(name));
  const noun =
    bucket === ''
      ? 'service'
      : key === ''
        ? 'bucket'
        : method === 'PUT' && headers['x-amz-copy-source'] !== undefined
          ? 'copy'
          : 'key';
  const name = `${method} ${noun}${subresource === undefined ? '' : `?${subresource}`}`;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  const run = async (): Promise<Answer> => {
    authorizeS3(request.caller, operation?.access ?? 'change', request, context.serviceBucket);
    checkOwner(headers['x-amz-expected-bucket-owner'], context);
    if (operation !== undefined) return operation.handler(request, context);
    throw subresource === undefined || isOffered(noun, subresource)
      ? methodNotAllowed()
      : notImplemented(`The sub-resource ${subresource}`);
  };
  return operation === undefined ? run() : onRecord(operation.name, request, context, run);
}

function isOffered(noun: string, subresource: string): boolean {
  return Object.keys(operations).some((name) => name.endsWith(` ${noun}?${subresource}`));
}
