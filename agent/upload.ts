/** Full outputs to S3: streamed from the disk, signed with the node's credentials. */
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from './http-client.ts';
import type { ServiceClient } from './service-client.ts';

/** A large upload may take its time as long as bytes flow. */
const timeout = 120_000;
const attempts = 3;
const pause = 1_000;

/** The parts of a key, without what would make empty folders: a prefix may end with a slash. */
export function joinKey(...parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/');
}

/**
 * Uploads a file that has content. An empty or absent one is left out, as amazon-ssm-agent does.
 * @throws ServiceError, or what the network throws, after three attempts
 */
export async function uploadFile(service: ServiceClient, bucket: string, key: string, file: string): Promise<void> {
  // As it is now: what a script left in the background may write on.
  const size = existsSync(file) ? statSync(file).size : 0;
  if (size === 0) return;
  for (let attempt = 1; ; attempt++) {
    try {
      return await put(service, bucket, key, file, size);
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(pause);
    }
  }
}

async function put(service: ServiceClient, bucket: string, key: string, file: string, size: number): Promise<void> {
  const url = new URL(`/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, service.registration.s3Endpoint);
  const headers = await service.s3Headers('PUT', url, { 'content-type': 'text/plain', 'content-length': String(size), 'x-amz-acl': 'bucket-owner-full-control' });
  const answer = await service.http.send(url, { method: 'PUT', headers, file: { path: file, size }, timeout });
  if (answer.status !== 200) throw new ServiceError(/<Code>([^<]+)/.exec(answer.body.toString())?.[1] ?? String(answer.status), answer.status, `PUT ${url.pathname}`);
}
