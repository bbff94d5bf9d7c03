/** Uploads in parts: S3 takes no more than 5 GB in one request. */
import { ServiceError, type HttpAnswer } from '../core/http-client.ts';
import type { ServiceClient } from './service-client.ts';

/** A request to S3, of a part of a file or without a body. */
export type SendToS3 = (
  method: 'PUT' | 'POST' | 'DELETE',
  query: string,
  body?: { readonly from: number; readonly size: number } | string,
) => Promise<HttpAnswer>;

/** S3's limit. */
const mostParts = 10_000;

/**
 * Uploads the parts one after the other. After a failure the uploaded parts are deleted.
 * @param partSize bytes; larger where there would be too many parts
 * @throws ServiceError, or a network error
 */
export async function uploadInParts(send: SendToS3, size: number, partSize: number): Promise<void> {
  const begun = (await send('POST', 'uploads=')).body.toString();
  const id = /<UploadId>([^<]+)/.exec(begun)?.[1];
  if (id === undefined) throw new ServiceError('NoUploadId', 200, 'the answer names no upload');
  const upload = `uploadId=${encodeURIComponent(id)}`;
  try {
    const each = Math.max(partSize, Math.ceil(size / mostParts));
    const parts: string[] = [];
    for (let from = 0; from < size; from += each) {
      const number = parts.length + 1;
      const { headers } = await send('PUT', `partNumber=${number}&${upload}`, {
        from,
        size: Math.min(each, size - from),
      });
      parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${headers.etag ?? ''}</ETag></Part>`);
    }
    const { body } = await send(
      'POST',
      upload,
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
    );
    // S3 may answer 200 before it knows the outcome.
    const failure = /<Error>.*?<Code>([^<]+)/s.exec(body.toString())?.[1];
    if (failure !== undefined) throw new ServiceError(failure, 200, 'the parts could not be put together');
  } catch (error) {
    await send('DELETE', upload).catch(() => undefined);
    throw error;
  }
}

/** The requests of one object. */
export function senderTo(
  service: Pick<ServiceClient, 'http' | 's3Headers' | 'registration'>,
  bucket: string,
  key: string,
  file: string,
  timeout: number,
): SendToS3 {
  return async (method, query, body) => {
    const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const url = new URL(query === '' ? path : `${path}?${query}`, service.registration.s3Endpoint);
    const size = typeof body === 'object' ? body.size : Buffer.byteLength(body ?? '');
    const isObject = query === '' || query === 'uploads=';
    const headers = await service.s3Headers(method, url, {
      'content-length': String(size),
      ...(isObject ? { 'content-type': 'text/plain', 'x-amz-acl': 'bucket-owner-full-control' } : {}),
    });
    const answer = await service.http.send(url, {
      method,
      headers,
      ...(typeof body === 'object' ? { file: { path: file, ...body } } : { body: body ?? '' }),
      timeout,
    });
    if (answer.status >= 300)
      throw new ServiceError(
        /<Code>([^<]+)/.exec(answer.body.toString())?.[1] ?? String(answer.status),
        answer.status,
        `${method} ${url.pathname}`,
      );
    return answer;
  };
}
