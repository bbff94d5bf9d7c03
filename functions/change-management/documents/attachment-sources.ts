/** Parses where attachments come from (spec: documents.md §9). Pure. */
import type { AttachmentsSource } from '@aws-sdk/client-ssm';
import { ValidationException } from '../../../core/errors.ts';

export type AttachmentSource =
  /** All files below it, or only those that the document names. */
  | { readonly kind: 'folder'; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string; readonly name: string }
  /** A file of an existing version of a document. */
  | { readonly kind: 'reference'; readonly document: string; readonly version: string; readonly name: string };

/** AWS's limit for one version. */
export const mostAttachments = 20;

/** @throws ValidationException */
export function attachmentSources(given: readonly AttachmentsSource[] | undefined): AttachmentSource[] {
  return (given ?? []).map(({ Key, Values = [], Name }) => {
    const [value] = Values;
    if (value === undefined || Values.length !== 1)
      throw new ValidationException(`An attachment of key ${Key} takes exactly one value.`);
    switch (Key) {
      case 'SourceUrl': {
        const { bucket, key } = bucketAndKeyOf(value);
        return { kind: 'folder', bucket, prefix: key === '' || key.endsWith('/') ? key : `${key}/` };
      }
      case 'S3FileUrl': {
        const { bucket, key } = bucketAndKeyOf(value);
        const name = Name ?? key.slice(key.lastIndexOf('/') + 1);
        if (name === '') throw new ValidationException(`${value} names no file.`);
        return { kind: 'object', bucket, key, name };
      }
      case 'AttachmentReference': {
        const match = /^(.+)\/(\d+|\$LATEST|\$DEFAULT)\/([^/]+)$/.exec(value);
        if (match === null)
          throw new ValidationException(`${value} is no reference to an attachment; write DOCUMENT/VERSION/FILE.`);
        return { kind: 'reference', document: match[1]!, version: match[2]!, name: Name ?? match[3]! };
      }
      default:
        throw new ValidationException('The key of an attachment must be SourceUrl, S3FileUrl or AttachmentReference.');
    }
  });
}

/**
 * The bucket and key of `s3://bucket/key`, or of an https URL of S3 in either style. URLs with any other host are read
 * in path style. Buckets that Flotilla keeps for itself begin with a dot, as no bucket of S3 may: they are refused.
 * @throws ValidationException
 */
function bucketAndKeyOf(value: string): { readonly bucket: string; readonly key: string } {
  const found = readUrl(value);
  if (/^[^a-z0-9]/.test(found.bucket)) throw new ValidationException(`${value} names no bucket.`);
  return found;
}

function readUrl(value: string): { readonly bucket: string; readonly key: string } {
  if (!URL.canParse(value)) throw new ValidationException(`${value} is not a URL.`);
  const { protocol, hostname, pathname } = new URL(value);
  const path = decodePath(pathname.slice(1), value);
  if (protocol === 's3:') return { bucket: hostname, key: path };
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new ValidationException(`${value} is neither an s3 nor an https URL.`);
  const hosted = /^(.+)\.s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(\.cn)?$/.exec(hostname)?.[1];
  if (hosted !== undefined) return { bucket: hosted, key: path };
  const slash = path.indexOf('/');
  const bucket = slash < 0 ? path : path.slice(0, slash);
  if (bucket === '') throw new ValidationException(`${value} names no bucket.`);
  return { bucket, key: slash < 0 ? '' : path.slice(slash + 1) };
}

function decodePath(path: string, value: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ValidationException(`${value} is not a URL.`);
  }
}
