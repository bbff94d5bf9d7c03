/** Full outputs to S3: streamed from the disk, signed with the node's credentials. */
import { existsSync, statSync } from 'node:fs';
import type { ServiceClient } from './service-client.ts';
import { ServiceError } from './http-client.ts';

/** A large upload may take its time as long as bytes flow. */
const timeout = 120_000;

/**
 * Uploads a file that has content. An empty or absent one is left out, as amazon-ssm-agent does.
 * @throws ServiceError, or what the network throws
 */
export async function uploadFile(service: ServiceClient, bucket: string, key: string, file: string): Promise<void> {
  const size = existsSync(file) ? statSync(file).size : 0;
  if (size === 0) return;
  const url = new URL(`/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`, service.registration.s3Endpoint);
  const headers = await service.s3Headers('PUT', url, { 'content-type': 'text/plain', 'content-length': String(size), 'x-amz-acl': 'bucket-owner-full-control' });
  const answer = await service.http.send(url, { method: 'PUT', headers, file, timeout });
  if (answer.status !== 200) throw new ServiceError(/<Code>([^<]+)/.exec(answer.body.toString())?.[1] ?? String(answer.status), answer.status, `PUT ${url.pathname}`);
}
