/** The S3 door over the Files port: what the AWS CLI, the SDKs, presigned URLs and agents need of S3. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Context } from '../../core/context.ts';
import { BucketNotEmpty, FilePreconditionFailed, NoSuchBucket } from '../../core/files.ts';
import { claimedService } from '../../core/sigv4/claimed-signature.ts';
import { StateUnavailable } from '../../core/state.ts';
import { toRequest } from '../api/node-http.ts';
import type { Answer } from './answer.ts';
import { authenticateS3 } from './authenticate.ts';
import { authorizeS3, type Access } from './authorize.ts';
import * as buckets from './buckets.ts';
import { methodNotAllowed, noSuchBucket, notImplemented, preconditionFailed, S3Error, slowDown } from './errors.ts';
import * as multipart from './multipart.ts';
import * as objects from './objects.ts';
import { bucketOfHost, locate, queryMap, type S3Request } from './s3-request.ts';
import { errorDocument } from './xml.ts';

export interface FilesDoor {
  /** Whether a request is for this door: signed for s3, or sent to a bucket's own host. */
  takes(incoming: IncomingMessage): boolean;
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void;
}

const emptyBody = new Uint8Array();

/** @param serviceHosts names whose subdomains are buckets: `localhost` */
export function createFilesDoor(context: Context, serviceHosts: readonly string[]): FilesDoor {
  return {
    takes: (incoming) => {
      const request = toRequest(incoming, emptyBody);
      return claimedService(request) === 's3' || bucketOfHost(request.headers['host'], serviceHosts) !== undefined;
    },
    handle: (incoming, outgoing) => {
      const requestId = context.ids.uuid();
      const { body: _body, ...request } = toRequest(incoming, emptyBody);
      const answer = async (): Promise<Answer> => {
        const { caller, payload } = await authenticateS3(request, context);
        const place = locate(request.path, bucketOfHost(request.headers['host'], serviceHosts));
        const query = queryMap(request.query);
        return route({ method: request.method, ...place, query, headers: request.headers, caller, payload, incoming, requestId, resource: request.path }, context);
      };
      answer()
        .catch((error: unknown) => errorAnswer(error, request.path, requestId, context))
        .then((result) => send(result, requestId, incoming, outgoing))
        .catch((error: unknown) => {
          context.log.error('a file could not be sent', { requestId, error });
          outgoing.destroy();
        });
    },
  };
}

/** Sub-resources that are answered; any other known one is not offered. */
const subresources = ['accelerate', 'acl', 'analytics', 'cors', 'encryption', 'intelligent-tiering', 'inventory', 'legal-hold', 'lifecycle', 'location', 'logging', 'metrics', 'notification', 'object-lock', 'ownershipControls', 'policy', 'policyStatus', 'publicAccessBlock', 'replication', 'requestPayment', 'restore', 'retention', 'select', 'tagging', 'torrent', 'versioning', 'versions', 'versionId', 'website', 'attributes'];

async function route(request: S3Request, context: Context): Promise<Answer> {
  const { method, bucket, key, query } = request;
  const allow = (access: Access): void => authorizeS3(request.caller, access, request, context.serviceBucket);
  if (bucket === '') {
    if (method !== 'GET') throw methodNotAllowed();
    allow('read');
    return buckets.listBuckets(context);
  }
  // What the door keeps for itself has no address.
  if (bucket.startsWith('.')) throw noSuchBucket();
  allow(method === 'GET' || method === 'HEAD' ? 'read' : 'write');
  const sub = subresources.find((name) => query.has(name));
  if (key === '') return routeBucket(request, context, sub);
  if (sub !== undefined) throw notImplemented(`The sub-resource ${sub} of an object`);
  const isUpload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return isUpload ? multipart.listParts(request, context) : objects.getObject(request, context);
    case 'HEAD':
      return objects.getObject(request, context);
    case 'PUT':
      if (isUpload) return multipart.uploadPart(request, context);
      return request.headers['x-amz-copy-source'] === undefined ? objects.putObject(request, context) : objects.copyObject(request, context);
    case 'POST':
      if (query.has('uploads')) return multipart.createUpload(request, context);
      if (isUpload) return multipart.completeUpload(request, context);
      throw methodNotAllowed();
    case 'DELETE':
      return isUpload ? multipart.abortUpload(request, context) : objects.deleteObject(request, context);
    default:
      throw methodNotAllowed();
  }
}

async function routeBucket(request: S3Request, context: Context, sub: string | undefined): Promise<Answer> {
  const { method, query } = request;
  if (method === 'GET' && sub === 'location') return buckets.bucketLocation(request, context);
  if (method === 'GET' && sub === 'encryption') return buckets.bucketEncryption(request, context);
  if (sub !== undefined) throw notImplemented(`The sub-resource ${sub} of a bucket`);
  switch (method) {
    case 'GET':
      if (query.has('uploads')) return multipart.listUploads(request, context);
      return query.get('list-type') === '2' ? buckets.listObjectsV2(request, context) : buckets.listObjects(request, context);
    case 'HEAD':
      return buckets.headBucket(request, context);
    case 'PUT':
      return buckets.createBucket(request, context);
    case 'DELETE':
      return buckets.deleteBucket(request, context);
    case 'POST':
      if (query.has('delete')) return objects.deleteObjects(request, context);
      throw methodNotAllowed();
    default:
      throw methodNotAllowed();
  }
}

function errorAnswer(error: unknown, resource: string, requestId: string, context: Context): Answer {
  const known = asS3Error(error);
  if (known === undefined) context.log.error('a request for a file failed', { requestId, resource, error });
  const { code, status, message } = known ?? new S3Error('InternalError', 500, 'We encountered an internal error. Please try again.');
  return { status, headers: {}, xml: errorDocument({ Code: code, Message: message, Resource: resource, RequestId: requestId }) };
}

function asS3Error(error: unknown): S3Error | undefined {
  if (error instanceof S3Error) return error;
  if (error instanceof NoSuchBucket) return noSuchBucket();
  if (error instanceof FilePreconditionFailed) return preconditionFailed();
  if (error instanceof BucketNotEmpty) return new S3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty');
  if (error instanceof StateUnavailable || (error as NodeJS.ErrnoException).code === 'ENOSPC' || (error as { errcode?: number }).errcode === 13) return slowDown();
  return undefined;
}

/** What is left of a request's body is read: a client that is still writing would see a broken connection. */
function send(answer: Answer, requestId: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const headers: Record<string, string> = { 'x-amz-request-id': requestId, ...answer.headers };
  const empty = outgoing.req.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  if (answer.xml !== undefined && !empty) {
    headers['content-type'] = 'application/xml';
    headers['content-length'] = String(Buffer.byteLength(answer.xml));
  } else if (answer.body === undefined && answer.status !== 204 && answer.status !== 304) headers['content-length'] ??= '0';
  incoming.resume();
  outgoing.writeHead(answer.status, headers);
  if (answer.body === undefined || empty) {
    answer.body?.destroy();
    outgoing.end(empty ? undefined : answer.xml);
  } else pipeline(answer.body, outgoing, () => undefined);
}
