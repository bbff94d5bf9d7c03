/**
 * The nodes' API: ec2messages for nodes that poll, ssmmessages' control channel for nodes that stay connected. A node
 * may act only for itself; anything else is refused and logged.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Context } from '../../core/context.ts';
import { AccessDeniedException, ApiError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';
import { RequestEntityTooLargeException, SerializationException } from '../api/errors.ts';
import { toRequest } from '../api/node-http.ts';
import { endGateway, gatewayLease, renewGateway } from '../nodes/index.ts';
import { asApiError, channelCreated, jsonAnswer, jsonError, xmlError } from './answers.ts';
import { authenticateNode } from './authenticate.ts';
import { issueChannelToken } from './channel-token.ts';
import type { ControlChannels } from './control-channels.ts';
import { messageOperation, targetPrefix } from './ec2messages.ts';
import { ResourceNotFoundException } from './errors.ts';
import { defaultTiming, type GatewayHooks, type GatewayParts, type GatewayTiming } from './hooks.ts';
import { Polls } from './polls.ts';
import { refuseUpgrade } from './upgrade.ts';

export interface GatewayOptions extends GatewayHooks {
  readonly context: Context;
  readonly timing?: Partial<GatewayTiming>;
}

export interface Gateway {
  readonly id: string;
  /** Whether a request is for the gateway and not for the API. */
  takes(request: Pick<HttpRequest, 'path' | 'headers'>): boolean;
  /** Never rejects. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Whether an upgrade request is a websocket to a channel. Others may be ignored (RFC 9110 §7.8). */
  takesUpgrade(request: Pick<IncomingMessage, 'url' | 'headers'>): boolean;
  /** Handles an upgrade of node:http; refuses it when it is not a control channel. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends polls and channels; when it resolves, everything that nodes had sent is recorded. */
  close(): Promise<void>;
}

/** The most bytes of a request's body. Agents cut their reports at 120,000. */
const mostBodyBytes = 1024 * 1024;
const channelPath = /^\/v1\/(control|data)-channel\/([^/]+)$/;

/** Starts the gateway. While it runs it renews a lease in the state, which tells others that it is running. */
export async function createGateway({ context, timing, ...hooks }: GatewayOptions): Promise<Gateway> {
  const parts: GatewayParts = {
    ...hooks,
    context,
    gatewayId: context.ids.uuid(),
    timing: { ...defaultTiming, ...timing },
    unknownKinds: new Set(),
  };
  const polls = new Polls();
  let channels: ControlChannels | undefined;
  const service = { ...parts, polls, hasChannel: (nodeId: string) => channels?.has(nodeId) === true };
  // Loaded when the first node connects: the start should not wait for the websocket library.
  const openChannels = async (): Promise<ControlChannels> => {
    const { ControlChannels } = await import('./control-channels.ts');
    return (channels ??= new ControlChannels(parts));
  };

  await renewGateway(context, parts.gatewayId);
  const renewal = setInterval(() => {
    renewGateway(context, parts.gatewayId).catch((error: unknown) =>
      context.log.error('the lease of the gateway could not be renewed', { error }),
    );
  }, gatewayLease.renewEvery).unref();
  const deaf = context.mailbox.onWake((nodeId) => {
    polls.wake(nodeId);
    channels?.wake(nodeId);
  });

  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    const requestId = context.ids.uuid();
    const target = request.headers['x-amz-target'] ?? '';
    const isMessageOperation = target.startsWith(targetPrefix);
    try {
      if (request.body.byteLength > mostBodyBytes)
        throw new RequestEntityTooLargeException(`A body of ${request.body.byteLength} bytes is too large.`);
      if (!isMessageOperation) return await createChannel(parts, request, requestId);
      const nodeId = await authenticateNode(context, 'ec2messages', request);
      return jsonAnswer(
        await messageOperation(service, target.slice(targetPrefix.length), nodeId, readBody(request.body)),
        requestId,
      );
    } catch (error) {
      logRefusal(context, error, {
        requestId,
        sourceIp: request.sourceIp,
        what: isMessageOperation ? target : request.path,
      });
      return (isMessageOperation ? jsonError : xmlError)(asApiError(error), requestId);
    }
  };

  const upgrade = async (
    request: HttpRequest,
    accept: (nodeId: string, channels: ControlChannels) => void,
    refuse: (response: HttpResponse) => void,
  ): Promise<void> => {
    try {
      const nodeId = await authenticateNode(context, 'ssmmessages', request);
      channelOf(request, nodeId);
      accept(nodeId, await openChannels());
    } catch (error) {
      const requestId = context.ids.uuid();
      logRefusal(context, error, { requestId, sourceIp: request.sourceIp, what: `upgrade ${request.path}` });
      refuse(xmlError(asApiError(error), requestId));
    }
  };

  return {
    id: parts.gatewayId,
    takes: ({ path, headers }) => headers['x-amz-target']?.startsWith(targetPrefix) === true || channelPath.test(path),
    handle,
    takesUpgrade: ({ url = '', headers }) =>
      headers.upgrade?.toLowerCase() === 'websocket' && channelPath.test(url.split('?', 1)[0] ?? ''),
    upgrade: (request, socket, head) => {
      // Until the websocket takes over, nothing else listens for the socket's end.
      const ended = (): void => void socket.destroy();
      socket.on('error', ended);
      void upgrade(
        toRequest(request, new Uint8Array()),
        (nodeId, channels) => {
          socket.off('error', ended);
          channels.accept(nodeId, request, socket, head);
        },
        (response) => refuseUpgrade(socket, response),
      );
    },
    close: async () => {
      clearInterval(renewal);
      deaf();
      polls.close();
      await channels?.close();
      await endGateway(context, parts.gatewayId);
    },
  };
}

async function createChannel(
  { context }: GatewayParts,
  request: HttpRequest,
  requestId: string,
): Promise<HttpResponse> {
  const nodeId = await authenticateNode(context, 'ssmmessages', request);
  channelOf(request, nodeId);
  if (request.method !== 'POST')
    throw new ResourceNotFoundException(`${request.method} is not how a channel is created.`);
  return channelCreated(await issueChannelToken(context, nodeId), requestId);
}

/**
 * Checks that the path names the node's own control channel.
 * @throws ResourceNotFoundException for any other path; sessions are not offered yet
 * @throws AccessDeniedException for another node's channel
 */
function channelOf({ path }: Pick<HttpRequest, 'path'>, nodeId: string): void {
  const [, kind, id] = channelPath.exec(path) ?? [];
  if (kind !== 'control')
    throw new ResourceNotFoundException(kind === 'data' ? 'There is no such session.' : 'There is no such channel.');
  if (id !== nodeId) throw new AccessDeniedException(`${nodeId} may not open the control channel of another node.`);
}

function readBody(body: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString() || '{}');
  } catch {
    throw new SerializationException('The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SerializationException('The body is not an object.');
  return value as Readonly<Record<string, unknown>>;
}

function logRefusal(context: Context, error: unknown, fields: Readonly<Record<string, unknown>>): void {
  if (error instanceof ApiError)
    context.log.warn('a node was refused', { ...fields, code: error.code, reason: error.message });
  else context.log.error('a node could not be answered', { ...fields, error });
}
