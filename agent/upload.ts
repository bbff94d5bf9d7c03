/** Uploads whole outputs to S3: streamed from the disk, signed with the node's credentials. */
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceClient } from './service-client.ts';
import { senderTo, uploadInParts, type SendToS3 } from './upload-parts.ts';

/** Milliseconds without any bytes; a large upload may take any time while bytes flow. */
const timeout = 120_000;
const attempts = 3;
const pause = 1_000;

/** Joins the parts of a key without empty parts: a prefix may end with a slash. */
export function joinKey(...parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/');
}

/** Bytes that one request may have, and the size of each part of a larger file. */
const sizes = { request: 1024 * 1024 * 1024, part: 256 * 1024 * 1024 };

/**
 * Uploads a file. As in amazon-ssm-agent, an empty or absent one is left out.
 * @throws ServiceError, or a network error, after three attempts
 */
export async function uploadFile(
  service: Pick<ServiceClient, 'http' | 's3Headers' | 'registration'>,
  bucket: string,
  key: string,
  file: string,
  { request, part } = sizes,
): Promise<void> {
  // The size at this moment: background processes of a script may still write.
  const size = existsSync(file) ? statSync(file).size : 0;
  if (size === 0) return;
  const once = senderTo(service, bucket, key, file, timeout);
  const send: SendToS3 = (method, query, body) => thrice(() => once(method, query, body));
  if (size <= request) await send('PUT', '', { from: 0, size });
  else await uploadInParts(send, size, part);
}

async function thrice<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(pause);
    }
  }
}
