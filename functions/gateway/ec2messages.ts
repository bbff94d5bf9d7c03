/** ec2messages: how a node without a control channel polls for messages and answers them. JSON 1.1. */
import { createHash } from 'node:crypto';
import { AccessDeniedException } from '../../core/errors.ts';
import { SerializationException, UnknownOperationException } from '../api/errors.ts';
import type { RenderedMessage } from '../../core/node-message.ts';
import { deleteMessage, hideMessage, pendingMessages } from '../nodes/index.ts';
import { delivered, rendererOf, replied, undeliverable } from './deliveries.ts';
import type { GatewayParts } from './hooks.ts';
import { checkOwnMessage } from './message-id.ts';
import type { Polls } from './polls.ts';

export const targetPrefix = 'EC2WindowsMessageDeliveryService.';

type Input = Readonly<Record<string, unknown>>;

interface PolledMessage {
  readonly CreatedDate: string;
  readonly Destination: string;
  readonly MessageId: string;
  readonly Payload: string;
  readonly PayloadDigest: string;
  readonly Topic: string;
}

/** An agent takes at most this many messages at once. */
const mostMessages = 5;
/** Seconds for which a delivered message is hidden from other polls, unless the poll sets another time. */
const defaultVisibility = 10;
const mostVisibility = 43_200;

export interface MessageService extends GatewayParts {
  readonly polls: Polls;
  /** Whether the node has a control channel here, which gets its messages instead. */
  readonly hasChannel: (nodeId: string) => boolean;
}

/** @throws SerializationException, UnknownOperationException, AccessDeniedException */
export async function messageOperation(
  service: MessageService,
  operation: string,
  nodeId: string,
  input: Input,
): Promise<object> {
  switch (operation) {
    case 'GetMessages':
      return getMessages(service, nodeId, input);
    case 'AcknowledgeMessage':
      await delivered(service, { nodeId, messageId: ownMessage(input, nodeId) });
      return {};
    case 'SendReply':
      await replied(service, {
        nodeId,
        messageId: ownMessage(input, nodeId),
        replyId: text(input, 'ReplyId'),
        content: text(input, 'Payload'),
      });
      return {};
    case 'FailMessage': {
      const messageId = ownMessage(input, nodeId);
      await undeliverable(
        service,
        { nodeId, messageId },
        `fail.${messageId}`,
        `The agent could not handle the command: ${text(input, 'FailureType')}`,
      );
      return {};
    }
    case 'DeleteMessage':
      await service.context.state.write(deleteMessage(nodeId, ownMessage(input, nodeId)));
      return {};
    default:
      throw new UnknownOperationException(operation);
  }
}

/**
 * Answers as soon as there is a message, or with an empty list at the end of the poll: an earlier empty answer makes
 * agents poll less often.
 */
async function getMessages(service: MessageService, nodeId: string, input: Input): Promise<object> {
  const destination = text(input, 'Destination');
  if (destination !== nodeId)
    throw new AccessDeniedException(`${nodeId} may not ask for the messages of ${destination.slice(0, 200)}`);
  const requestId = text(input, 'MessagesRequestId');
  const visibility = Math.min(
    mostVisibility,
    Math.max(1, Number(input['VisibilityTimeoutInSeconds'] ?? defaultVisibility) || defaultVisibility),
  );
  const end = Date.now() + service.timing.poll;
  for (;;) {
    const { messages, nextAt } = service.hasChannel(nodeId)
      ? { messages: [], nextAt: Infinity }
      : await takeMessages(service, nodeId, visibility * 1000);
    const rest = end - Date.now();
    const answer = { Destination: destination, MessagesRequestId: requestId, Messages: messages };
    if (messages.length > 0 || rest <= 0) return answer;
    if ((await service.polls.wait(nodeId, Math.min(rest, nextAt - Date.now()))) === 'ended') return answer;
  }
}

/**
 * The messages that wait and are not hidden; they are hidden from now on. Also returns when the next hidden one
 * reappears.
 */
async function takeMessages(
  service: MessageService,
  nodeId: string,
  visibility: number,
): Promise<{ messages: PolledMessage[]; nextAt: number }> {
  const { context } = service;
  const taken: PolledMessage[] = [];
  let nextAt = Infinity;
  for (const message of await pendingMessages(context, nodeId)) {
    const now = Date.now();
    if (message.hiddenUntil !== undefined && message.hiddenUntil > now) {
      nextAt = Math.min(nextAt, message.hiddenUntil);
      continue;
    }
    if (taken.length === mostMessages) break;
    const { messageId, kind, reference, createdAt } = message;
    const render = rendererOf(service, kind);
    if (render === undefined) continue;
    if (!(await hideMessage(context, message, now + visibility))) continue;
    let rendered: RenderedMessage | undefined;
    try {
      rendered = await render(reference as never, nodeId, context);
    } catch (error) {
      // One that cannot be rendered must not hold up those behind it. It is hidden, and tried again after that.
      context.log.error('a message could not be rendered', { nodeId, messageId, error });
      continue;
    }
    if (rendered === undefined) {
      await context.state.write(deleteMessage(nodeId, messageId));
      continue;
    }
    taken.push({
      CreatedDate: new Date(createdAt ?? context.clock.now()).toISOString(),
      Destination: nodeId,
      MessageId: messageId,
      Payload: rendered.content,
      PayloadDigest: createHash('sha256').update(rendered.content).digest('hex'),
      Topic: rendered.topic,
    });
  }
  return { messages: taken, nextAt };
}

/** @throws SerializationException, AccessDeniedException */
function ownMessage(input: Input, nodeId: string): string {
  const messageId = text(input, 'MessageId');
  checkOwnMessage(messageId, nodeId);
  return messageId;
}

function text(input: Input, member: string): string {
  const value = input[member];
  if (typeof value !== 'string' || value === '')
    throw new SerializationException(`${member} must be a text that is not empty`);
  return value;
}
