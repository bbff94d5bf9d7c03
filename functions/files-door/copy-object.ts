/** CopyObject, and the parts of it that UploadPartCopy uses. */
import type { Readable } from 'node:stream';
import { isAdmin } from '../../core/admin-work.ts';
import { headerToText } from '../../core/http.ts';
import type { Answer } from './answer.ts';
import { authorizeS3, checkOwner } from './authorize.ts';
import { algorithmOf, checksumsNode, isOfParts, summed, type ChecksumAlgorithm } from './checksums.ts';
import { conditionsOf, isUnchanged } from './conditions.ts';
import { invalidArgument, invalidRequest, noSuchKey, noSuchVersion, preconditionFailed } from './errors.ts';
import { storedHeaders, versionHeader } from './object-headers.ts';
import type { ObjectInfo } from './object-store.ts';
import { checkReplaced, writeConditionsOf } from './objects.ts';
import { checkedKey, decoded, queryMap, versionOf, type DoorContext, type S3Request } from './s3-request.ts';
import { document } from './xml.ts';

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly version: string | undefined;
  readonly info: ObjectInfo;
}

export async function copyObject(request: S3Request, context: DoorContext): Promise<Answer> {
  const { bucket, key, headers } = request;
  const given = storedHeaders(headers);
  const conditions = writeConditionsOf(headers);
  const wanted =
    headers['x-amz-checksum-algorithm'] === undefined ? undefined : algorithmOf(headers['x-amz-checksum-algorithm']);
  await checkReplaced(bucket, key, conditions, context.files);
  const source = await copySource(request, context);
  const replace = directive(headers['x-amz-metadata-directive'], 'x-amz-metadata-directive');
  const replaceTags = directive(headers['x-amz-tagging-directive'], 'x-amz-tagging-directive');
  if (!replace && source.version === undefined && source.bucket === bucket && source.key === key)
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  const found = await context.files.get(source.bucket, source.key, undefined, source.version);
  if (found === undefined) throw noSuchKey();
  const kept = replace
    ? { contentType: given.contentType, headers: given.headers, metadata: given.metadata }
    : { contentType: found.info.contentType, headers: found.info.headers, metadata: found.info.metadata };
  const tags = replaceTags ? given.tags : found.info.tags;
  const { stream, ...sums } = copied(found, wanted);
  const info = await context.files.put(bucket, key, stream, {
    ...kept,
    tags,
    ...conditions,
    ...sums,
    byAdmin: isAdmin(request.caller) && found.info.byAdmin === true,
  });
  return {
    status: 200,
    headers: {
      ...versionHeader(info),
      ...(source.version === undefined ? {} : { 'x-amz-copy-source-version-id': source.version }),
    },
    xml: document('CopyObjectResult', {
      LastModified: new Date(info.lastModified).toISOString(),
      ETag: info.etag,
      ...checksumsNode(info),
    }),
  };
}

/** A copy has the requested checksum, else its source's. A checksum of parts becomes one of the whole object. */
function copied(
  { info, body }: { readonly info: ObjectInfo; readonly body: Readable },
  wanted: ChecksumAlgorithm | undefined,
): { readonly stream: Readable; readonly checksums?: () => Readonly<Record<string, string>> } {
  const checksums = info.checksums ?? {};
  const algorithm = wanted ?? (Object.keys(checksums) as ChecksumAlgorithm[])[0];
  if (algorithm === undefined) return { stream: body };
  const known = checksums[algorithm];
  return known === undefined || isOfParts(known)
    ? summed(body, algorithm)
    : { stream: body, checksums: () => ({ [algorithm]: known }) };
}

/**
 * Reads `x-amz-copy-source`, and checks that the caller may read that object.
 * @throws S3Error
 */
export async function copySource(
  { headers, caller }: S3Request,
  { files, serviceBucket, account }: DoorContext,
): Promise<CopySource> {
  checkOwner(headers['x-amz-source-expected-bucket-owner'], { account });
  // A key may contain a question mark.
  const [, path = '', query = ''] = /^([^]*?)(\?versionId=[^?]*)?$/.exec(headers['x-amz-copy-source'] ?? '') ?? [];
  const [, bucket, name] = /^\/?([^/.][^/]*)\/([^]+)$/.exec(decoded(headerToText(path))) ?? [];
  if (bucket === undefined || name === undefined)
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey');
  const key = checkedKey(name);
  authorizeS3(caller, 'read', { bucket, key }, serviceBucket);
  const version = versionOf(queryMap(query.slice(1)));
  const info = await files.head(bucket, key, version);
  if (info === undefined) throw version === undefined ? noSuchKey() : noSuchVersion();
  if (isUnchanged(conditionsOf(headers, 'x-amz-copy-source-'), info)) throw preconditionFailed();
  return { bucket, key, version, info };
}

function directive(value: string | undefined, name: string): boolean {
  if (value !== undefined && value !== 'COPY' && value !== 'REPLACE') throw invalidArgument(`Unknown ${name}.`);
  return value === 'REPLACE';
}
