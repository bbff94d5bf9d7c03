/** Sends answers that are streams or objects of Files, from a server or a Lambda function. */
import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Files } from '../../core/files.ts';
import { StoredFile, type ExtensionResponse, type HttpResponse } from '../../core/http.ts';

/** A server sends it in pieces, no faster than the client reads. */
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
  // A failure of one side destroys both: the client sees an aborted answer, not a shorter one.
  pipeline(found.body, outgoing, () => undefined);
}

/** Seconds: the caller follows the redirect at once. */
const redirectLasts = 60;

/**
 * A Lambda function's answer may have only 6 MB. So the caller is redirected to the object, with a URL that is valid
 * for a minute.
 */
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

/** The file existed when the answer was decided on. */
const absent = {
  status: 404,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: '{"message":"The file is not there any more."}',
} as const;
