/** Headers that a presigned URL has in its query. */
import { textToHeader, type HttpRequest } from '../../core/http.ts';
import { queryMap } from './s3-request.ts';

type Request = Pick<HttpRequest, 'headers' | 'query'>;

/**
 * The headers that signers of version 4 move into the URL, and that S3 reads from there. As in S3, tags are not among
 * them, nor checksums of the body, which did not exist when the URL was made (AWS's SDK signs the checksum of an empty
 * body).
 */
const taken = /^x-amz-(?:meta-.+|acl|storage-class|server-side-encryption.*|object-lock.*|website-redirect-location)$/;

/**
 * The headers of a request, with those of its presigned URL. Call it after the signature was verified, because the
 * signature covers the whole query.
 */
export function headersOfUrl({ headers, query }: Request): HttpRequest['headers'] {
  if (headers['authorization'] !== undefined) return headers;
  const carried = [...queryMap(query)]
    .map(([name, value]) => [name.toLowerCase(), textToHeader(value)] as const)
    .filter(([name]) => taken.test(name));
  return carried.length === 0 ? headers : { ...Object.fromEntries(carried), ...headers };
}

/** Signature Version 2 treats all of them as the headers that they represent, before it is verified. */
export function withHeadersOfUrl<R extends Request>(request: R): R {
  const carried = [...queryMap(request.query)]
    .filter(([name]) => name.startsWith('x-amz-') || name === 'content-type' || name === 'content-md5')
    .map(([name, value]) => [name, textToHeader(value)] as const);
  return carried.length === 0
    ? request
    : { ...request, headers: { ...request.headers, ...Object.fromEntries(carried) } };
}
