/** The S3 API over the Files port: what the AWS CLI, the SDKs, presigned URLs and agents need of S3. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { Context } from '../../core/context.ts';
import { claimedService } from '../../core/sigv4/claimed-signature.ts';
import type { TimerHandler } from '../../core/timers.ts';
import { noteUnanswered, toRequest } from '../api/node-http.ts';
import type { Answer } from './answer.ts';
import { authenticateS3 } from './authenticate.ts';
import { S3Error } from './errors.ts';
import { keepLifecycle, lifecycleTimer } from './lifecycle.ts';
import type { ObjectStore } from './object-store.ts';
import { headersOfUrl, withHeadersOfUrl } from './headers-of-url.ts';
import { asS3Error } from './known-errors.ts';
import { authenticateV2, isPresignedV2 } from './presigned-v2.ts';
import { route } from './route.ts';
import { bucketOfHost, locate, queryMap, versionOf, type DoorContext } from './s3-request.ts';
import { errorDocument } from './xml.ts';

export interface FilesDoor {
  /** Whether a request is for the S3 API: signed for s3, or unsigned and sent to a bucket's own host. */
  takes(incoming: IncomingMessage): boolean;
  /** Handles a request whose body was not read. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** The handlers of the S3 API's timers. */
  readonly timers: Readonly<Record<string, TimerHandler>>;
}

export interface FilesDoorOptions {
  readonly context: Context;
  readonly files: ObjectStore;
  /** The host names of the S3 API; their subdomains are buckets. */
  readonly hosts: readonly string[];
}

/** Milliseconds that a client may be silent in the middle of its body. */
const silence = 60_000;
/** Milliseconds for the rest of a body whose answer was already sent. */
const leftovers = 120_000;
const noBody = new Uint8Array();

export function createFilesDoor({ context: house, files, hosts }: FilesDoorOptions): FilesDoor {
  const context: DoorContext = { ...house, files };
  const names = hosts.map((name) => name.toLowerCase());
  const bucketHost = (host: string | undefined): string | undefined => bucketOfHost(host, names, context.region);

  async function answer(incoming: IncomingMessage, requestId: string): Promise<Answer> {
    const received = toRequest(incoming, noBody);
    const hosted = bucketHost(received.headers['host']);
    const old = received.headers['authorization'] === undefined && isPresignedV2(received.query);
    const request = old ? withHeadersOfUrl(received) : received;
    const { caller, payload } = old
      ? { caller: await authenticateV2(request, hosted, context), payload: { kind: 'unsigned' } as const }
      : await authenticateS3(request, context);
    const query = queryMap(request.query);
    return route(
      {
        method: request.method,
        ...locate(request.path, hosted),
        version: versionOf(query),
        query,
        headers: old ? request.headers : headersOfUrl(request),
        caller,
        payload,
        incoming,
        received,
        requestId,
      },
      context,
    );
  }

  return {
    timers: { [lifecycleTimer]: (timer) => keepLifecycle(timer, context) },
    takes: ({ headers: { authorization, host, 'x-amz-target': target }, url = '' }) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const query = url.slice(url.indexOf('?') + 1);
      const service = claimedService({ headers, query });
      return service === undefined
        ? target === undefined && (bucketHost(host) !== undefined || isPresignedV2(query))
        : service === 's3';
    },
    handle: (incoming, outgoing) => {
      noteUnanswered(outgoing);
      const requestId = context.ids.uuid();
      // A connection stays open while bytes flow; an answer may take any time.
      incoming.setTimeout(silence, () => {
        if (!incoming.complete) incoming.destroy();
      });
      answer(incoming, requestId)
        .catch((error: unknown) => errorAnswer(error, incoming.url ?? '/', requestId, context))
        .then((result) => send(result, requestId, incoming, outgoing))
        .catch((error: unknown) => {
          context.log.error('a file could not be sent', { requestId, error });
          outgoing.destroy();
        });
    },
  };
}

function errorAnswer(error: unknown, url: string, requestId: string, { log, region }: Context): Answer {
  const known = asS3Error(error);
  const resource = url.split('?', 1)[0]!;
  if (known === undefined) log.error('a request for a file failed', { requestId, resource, error });
  const { code, status, message, details } =
    known ?? new S3Error('InternalError', 500, 'We encountered an internal error. Please try again.');
  // Agents that look for a bucket's Region read it from a refusal too.
  return {
    status,
    headers: { 'x-amz-bucket-region': region },
    xml: errorDocument({ Code: code, Message: message, ...details, Resource: resource, RequestId: requestId }),
  };
}

function send(answer: Answer, requestId: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const headers: Record<string, string> = { 'x-amz-request-id': requestId, ...answer.headers };
  const bodyless = incoming.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  if (!bodyless) {
    if (answer.xml !== undefined) headers['content-type'] = 'application/xml';
    headers['content-length'] ??= String(Buffer.byteLength(answer.xml ?? ''));
  }
  // A client that is still sending would see a broken connection instead of its answer.
  incoming.unpipe();
  incoming.resume();
  if (!incoming.complete) {
    const late = setTimeout(() => incoming.destroy(), leftovers);
    incoming.once('close', () => clearTimeout(late));
  }
  outgoing.writeHead(answer.status, headers);
  if (answer.body !== undefined && !bodyless) return void pipeline(answer.body, outgoing, () => undefined);
  answer.body?.destroy();
  outgoing.end(bodyless ? undefined : answer.xml);
}
