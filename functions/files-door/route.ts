/** Which operation a request is, and whether its caller may call it. */
import type { Answer } from './answer.ts';
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
  readonly access: Access;
  readonly handler: Handler;
}

type Operations = Readonly<Record<string, Operation>>;

const describe = (handler: Handler): Operation => ({ access: 'describe', handler });
const read = (handler: Handler): Operation => ({ access: 'read', handler });
const store = (handler: Handler): Operation => ({ access: 'store', handler });
const change = (handler: Handler): Operation => ({ access: 'change', handler });

/** By method, with the sub-resource of the query. `key` stands for an object, `copy` for one with a source. */
const operations: Operations = {
  'GET service': read(buckets.listBuckets),

  'HEAD bucket': describe(buckets.headBucket),
  'PUT bucket': change(buckets.createBucket),
  'DELETE bucket': change(buckets.deleteBucket),
  'GET bucket': read((request, context) => (request.query.get('list-type') === '2' ? lists.listObjectsV2(request, context) : lists.listObjects(request, context))),
  'GET bucket?encryption': describe(buckets.bucketEncryption),
  'GET bucket?location': describe(buckets.bucketLocation),
  'GET bucket?lifecycle': read(lifecycle.getBucketLifecycle),
  'PUT bucket?lifecycle': change(lifecycle.putBucketLifecycle),
  'DELETE bucket?lifecycle': change(lifecycle.deleteBucketLifecycle),
  'GET bucket?versioning': read(versioning.getBucketVersioning),
  'PUT bucket?versioning': change(versioning.putBucketVersioning),
  'GET bucket?versions': read(lists.listObjectVersions),
  'GET bucket?uploads': read(multipart.listUploads),
  'POST bucket?delete': change(deleteObjects),

  'GET key': read(objects.getObject),
  'HEAD key': read(objects.getObject),
  'PUT key': store(objects.putObject),
  'PUT copy': store(copyObject),
  'DELETE key': change(deleteObject),
  'GET key?tagging': read(tagging.getObjectTagging),
  'PUT key?tagging': change(tagging.putObjectTagging),
  'DELETE key?tagging': change(tagging.deleteObjectTagging),
  'POST key?uploads': store(multipart.createUpload),
  'GET key?uploadId': store(multipart.listParts),
  'PUT key?uploadId': store(multipart.uploadPart),
  'PUT copy?uploadId': store(multipart.copyPart),
  'POST key?uploadId': store(completeUpload),
  'DELETE key?uploadId': store(multipart.abortUpload),
};

/** S3's sub-resources, offered or not: none may be taken for its bucket or object. */
const subresources =
  'abac accelerate acl analytics append attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location logging metadataConfiguration metadataTable metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent uploadId uploads versioning versions website'.split(
    ' ',
  );

/** @throws S3Error */
export function route(request: S3Request, context: DoorContext): Promise<Answer> {
  const { method, bucket, key, query, headers } = request;
  // What the door keeps for itself has no address.
  if (bucket.startsWith('.')) throw noSuchBucket();
  const subresource = subresources.find((name) => query.has(name));
  const noun = bucket === '' ? 'service' : key === '' ? 'bucket' : method === 'PUT' && headers['x-amz-copy-source'] !== undefined ? 'copy' : 'key';
  const name = `${method} ${noun}${subresource === undefined ? '' : `?${subresource}`}`;
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  authorizeS3(request.caller, operation?.access ?? 'change', request, context.serviceBucket);
  checkOwner(headers['x-amz-expected-bucket-owner'], context);
  if (operation !== undefined) return operation.handler(request, context);
  throw subresource === undefined || isOffered(noun, subresource) ? methodNotAllowed() : notImplemented(`The sub-resource ${subresource}`);
}

function isOffered(noun: string, subresource: string): boolean {
  return Object.keys(operations).some((name) => name.endsWith(` ${noun}?${subresource}`));
}
