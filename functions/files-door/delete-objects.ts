/** DeleteObject, DeleteObjects. */
import { FilePreconditionFailed } from '../../core/files.ts';
import type { Answer } from './answer.ts';
import { authorizeS3 } from './authorize.ts';
import { readText } from './body.ts';
import { matchesEtag } from './conditions.ts';
import { malformedXml, notImplemented, preconditionFailed, S3Error } from './errors.ts';
import type { Deleted, DeleteObject } from './object-store.ts';
import { checkedKey, type DoorContext, type S3Request } from './s3-request.ts';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-reader.ts';
import { document, type Node } from './xml.ts';

const mostDeleted = 1000;
/** How many objects are deleted at the same time; they share one commit. */
const atOnce = 100;

export async function deleteObject(
  { bucket, key, version, headers }: S3Request,
  { files }: DoorContext,
): Promise<Answer> {
  // Only directory buckets have these conditions. Ignoring a condition could delete the wrong object.
  for (const name of ['x-amz-if-match-last-modified-time', 'x-amz-if-match-size'])
    if (headers[name] !== undefined) throw notImplemented(name);
  return {
    status: 204,
    headers: deletedHeaders(await files.deleteObject(bucket, key, { version, when: whenMatches(headers['if-match']) })),
  };
}

function whenMatches(etags: string | undefined): DeleteObject['when'] {
  return etags === undefined ? undefined : (info) => info !== undefined && matchesEtag(etags, info.etag);
}

function deletedHeaders({ version, marker }: Deleted): Record<string, string> {
  return {
    ...(version === undefined ? {} : { 'x-amz-version-id': version }),
    ...(marker ? { 'x-amz-delete-marker': 'true' } : {}),
  };
}

interface Doomed {
  readonly key: string;
  readonly version: string | undefined;
  readonly etag: string | undefined;
}

export async function deleteObjects(request: S3Request, context: DoorContext): Promise<Answer> {
  const root = readXml(await readText(request));
  const objects = childrenOf(root, 'Object').map(doomedOf);
  if (root.name !== 'Delete' || objects.length === 0 || objects.length > mostDeleted) throw malformedXml();
  const quiet = textOf(root, 'Quiet') === 'true';
  const outcomes: { readonly deleted?: Node; readonly error?: Node }[] = [];
  for (let at = 0; at < objects.length; at += atOnce)
    outcomes.push(
      ...(await Promise.all(objects.slice(at, at + atOnce).map((one) => removeOne(one, request, context)))),
    );
  const Deleted = outcomes.flatMap(({ deleted }) => deleted ?? []);
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  // CloudTrail leaves out the keys, but without them nobody could find out what happened to an object.
  return {
    status: 200,
    headers: {},
    xml: document('DeleteResult', { Deleted: quiet ? [] : Deleted, Error: errors }),
    onRecord: { deleted: Deleted, errors },
  };
}

function doomedOf(element: XmlElement): Doomed {
  const key = textOf(element, 'Key');
  if (key === undefined || key === '') throw malformedXml();
  // Only for directory buckets, as above.
  for (const name of ['LastModifiedTime', 'Size'])
    if (textOf(element, name) !== undefined) throw notImplemented(`${name} of an object to be deleted`);
  return { key, version: textOf(element, 'VersionId'), etag: textOf(element, 'ETag') };
}

async function removeOne(
  { key, version, etag }: Doomed,
  { caller, bucket }: S3Request,
  { files, serviceBucket }: DoorContext,
): Promise<{ readonly deleted: Node } | { readonly error: Node }> {
  try {
    authorizeS3(caller, 'change', { bucket, key }, serviceBucket);
    const { version: removed, marker } = await files.deleteObject(bucket, checkedKey(key), {
      version,
      when: whenMatches(etag),
    });
    const about =
      version === undefined
        ? { DeleteMarkerVersionId: removed }
        : { VersionId: version, DeleteMarkerVersionId: marker ? version : undefined };
    return { deleted: { Key: key, ...about, DeleteMarker: marker ? true : undefined } };
  } catch (thrown) {
    const error = thrown instanceof FilePreconditionFailed ? preconditionFailed() : thrown;
    if (!(error instanceof S3Error)) throw error;
    return { error: { Key: key, VersionId: version, Code: error.code, Message: error.message } };
  }
}
