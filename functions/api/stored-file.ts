/** Answers that are streams or objects of Files, as a server and as a Lambda function can give them. */
import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Files } from '../../core/files.ts';
import { StoredFile, type ExtensionResponse, type HttpResponse } from '../../core/http.ts';

/** A server sends it a piece at a time, no faster than it is read. */
export async function sendStream(
  outgoing: ServerResponse,
  { status, headers, body }: HttpResponse<Readable | StoredFile>,
  files: Files | undefined,
): Promise<void> {
  const found = body instanceof Readable ? { body } : await files?.get(body.bucket, body.key);
  if (found === undefined) {
    outgoing.writeHead(absent.status, absent.headers).end(absent.body);
    return;
  }
  outgoing.writeHead(status, 'info' in found ? { ...headers, 'content-length': found.info.size } : headers);
  // What fails on either side destroys both: the client sees an answer that was cut off, not one that is shorter.
  pipeline(found.body, outgoing, () => undefined);
}

/** Seconds: whoever was let in follows at once. */
const redirectLasts = 60;

/** A Lambda function's answer has 6 MB: its caller is sent to the object itself, by a URL that is good for a minute. */
export async function redirectToStored(
  { status, headers, body }: ExtensionResponse,
  files: Files,
): Promise<HttpResponse> {
  if (typeof body === 'string' || body instanceof Uint8Array) return { status, headers, body };
  if (!(body instanceof StoredFile)) throw new Error('a stream cannot leave a Lambda function');
  if ((await files.head(body.bucket, body.key)) === undefined) return absent;
  return {
    status: 307,
    headers: {
      ...headers,
      location: await files.presign('GET', body.bucket, body.key, redirectLasts),
      'cache-control': 'no-store',
    },
    body: '',
  };
}

/** It was there when the answer was decided on. */
const absent = {
  status: 404,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: '{"message":"The file is not there any more."}',
} as const;
