/** Headers that a presigned URL carries in its query for whoever uses it. */
import { textToHeader, type HttpRequest } from '../../core/http.ts';
import { queryMap } from './s3-request.ts';

type Request = Pick<HttpRequest, 'headers' | 'query'>;

/**
 * What signers of version 4 move into the URL and S3 takes from there. Not among them, as at S3: tags, and the
 * checksums of a body that nobody had when the URL was made (AWS's SDK signs that of an empty one).
 */
const taken = /^x-amz-(?:meta-.+|acl|storage-class|server-side-encryption.*|object-lock.*|website-redirect-location)$/;

/**
 * The headers of a request, with those of its URL if it is presigned. Call it when the signature is verified: it covers
 * the whole query.
 */
export function headersOfUrl({ headers, query }: Request): HttpRequest['headers'] {
  if (headers['authorization'] !== undefined) return headers;
  const carried = [...queryMap(query)]
    .map(([name, value]) => [name.toLowerCase(), textToHeader(value)] as const)
    .filter(([name]) => taken.test(name));
  return carried.length === 0 ? headers : { ...Object.fromEntries(carried), ...headers };
}

/** Signature Version 2 counts them as the headers that they stand for: all, and before it is verified. */
export function withHeadersOfUrl<R extends Request>(request: R): R {
  const carried = [...queryMap(request.query)]
    .filter(([name]) => name.startsWith('x-amz-') || name === 'content-type' || name === 'content-md5')
    .map(([name, value]) => [name, textToHeader(value)] as const);
  return carried.length === 0
    ? request
    : { ...request, headers: { ...request.headers, ...Object.fromEntries(carried) } };
}
