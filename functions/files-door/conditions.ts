/** Conditional requests (RFC 9110 §13) and ranges. Pure. */
import type { ByteRange, FileInfo } from '../../core/files.ts';
import { preconditionFailed, S3Error } from './errors.ts';

export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

/** @param prefix `x-amz-copy-source-` for the source of a copy */
export function conditionsOf(headers: Readonly<Record<string, string>>, prefix = ''): Conditions {
  const of = (name: string): string | undefined => headers[`${prefix}${name}`];
  return {
    ifMatch: of('if-match'),
    ifNoneMatch: of('if-none-match'),
    ifModifiedSince: of('if-modified-since'),
    ifUnmodifiedSince: of('if-unmodified-since'),
  };
}

/**
 * @returns whether the client's copy is still current
 * @throws S3Error PreconditionFailed
 */
export function isUnchanged(
  conditions: Conditions,
  { etag, lastModified }: Pick<FileInfo, 'etag' | 'lastModified'>,
): boolean {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  // HTTP dates have whole seconds. A value that is no date is ignored.
  const modified = Math.floor(lastModified / 1000);
  const seconds = (date: string | undefined): number => Math.floor(Date.parse(date ?? '') / 1000);
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, etag)) throw preconditionFailed();
  } else if (seconds(ifUnmodifiedSince) < modified) throw preconditionFailed();
  if (ifNoneMatch !== undefined) return matchesEtag(ifNoneMatch, etag);
  return seconds(ifModifiedSince) >= modified;
}

/** Whether a list of ETags has this one: `"a", W/"b"`, or `*` for any. */
export function matchesEtag(list: string, etag: string): boolean {
  return list.split(',').some((tag) => tag.trim() === '*' || quoted(tag.trim().replace(/^W\//, '')) === etag);
}

/** An ETag as it is stored, with its quotes. */
export function quoted(etag: string): string {
  return etag.startsWith('"') || etag === '*' ? etag : `"${etag}"`;
}

/**
 * `bytes=0-99`, `bytes=100-`, `bytes=-5`. Several ranges, or an unreadable one, mean the whole object.
 * @throws S3Error InvalidRange
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const unsatisfiable = (): S3Error =>
    new S3Error('InvalidRange', 416, 'The requested range is not satisfiable', { ActualObjectSize: String(size) });
  if (match[1] === '') {
    const last = Math.min(Number(match[2]), size);
    if (last === 0) throw unsatisfiable();
    return { start: size - last, end: size - 1 };
  }
  const start = Number(match[1]);
  if (match[2] !== '' && Number(match[2]) < start) return undefined;
  if (start >= size) throw unsatisfiable();
  return { start, end: match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1) };
}

/**
 * The range of a part, from 1 on, in the order in which parts were joined.
 * @returns undefined for the only part of an empty object
 * @throws S3Error InvalidPartNumber
 */
export function partRange(number: number, sizes: readonly number[]): ByteRange | undefined {
  if (number === 1 && sizes.length === 0) return undefined;
  const length = sizes[number - 1];
  if (length === undefined)
    throw new S3Error('InvalidPartNumber', 416, 'The requested partnumber is not satisfiable', {
      ActualPartCount: String(sizes.length),
      PartNumberRequested: String(number),
    });
  const start = sizes.slice(0, number - 1).reduce((sum, one) => sum + one, 0);
  return { start, end: start + length - 1 };
}
