/** The messages by which a command and its cancellation reach a node, and the names of their jobs. */
import { LRUCache } from 'lru-cache';
import type { Context } from '../../../core/context.ts';
import type { RenderedMessage } from '../../../core/node-message.ts';
import type { Put } from '../../../core/state.ts';
import { pinnedDocument, typedParameters } from '../../change-management/documents/index.ts';
import { isOnlyForAdmins, messageWrite } from '../../nodes/index.ts';
import { isTerminal } from './states.ts';
import { readCommand, readInvocation, type CommandBody } from './store.ts';

/** Agents take the command id from the next-to-last part of the name. */
export function commandMessageId(commandId: string, nodeId: string): string {
  return `aws.ssm.${commandId}.${nodeId}`;
}

/** The command and node of a message's name, or undefined where it is not of that form. */
export function parseMessageId(messageId: string): { commandId: string; nodeId: string } | undefined {
  const match = /^aws\.ssm\.([^.]+)\.([^.]+)$/.exec(messageId);
  return match === null ? undefined : { commandId: match[1]!, nodeId: match[2]! };
}

/** The message that starts a command on a node. It must not run when it has not reached the node in time. */
export function commandMessage(command: CommandBody, nodeId: string): Put {
  return messageWrite({
    nodeId,
    messageId: commandMessageId(command.commandId, nodeId),
    kind: 'command',
    reference: { commandId: command.commandId },
    createdAt: command.requestedAt,
    expiresAt: command.requestedAt + command.timeoutSeconds * 1000,
  });
}

/** The message that cancels a command on a node; a job with a name of its own. */
export function cancelMessage(
  command: Pick<CommandBody, 'commandId' | 'expiresAt'>,
  nodeId: string,
  context: Context,
): Put {
  return messageWrite({
    nodeId,
    messageId: commandMessageId(context.ids.uuid(), nodeId),
    kind: 'cancel',
    reference: { commandId: command.commandId },
    createdAt: context.clock.now(),
    expiresAt: command.expiresAt,
  });
}

/** A command is the same text for all its nodes: ten thousand deliveries render it once. */
const rendered = new LRUCache<string, { readonly content: string; readonly byAdmin: boolean }>({ max: 32 });

/** The payload of a command for a node; undefined where the invocation is over and the message void. */
export async function renderCommand(
  reference: { readonly commandId: string },
  nodeId: string,
  context: Context,
): Promise<RenderedMessage | undefined> {
  const invocation = await readInvocation(context.state, reference.commandId, nodeId);
  if (invocation === undefined || isTerminal(invocation.body.state)) return undefined;
  let known = rendered.get(reference.commandId);
  if (known === undefined) {
    const command = await readCommand(context.state, reference.commandId);
    if (command === undefined) return undefined;
    known = { content: await payloadOf(command.body, context), byAdmin: command.body.byAdmin === true };
    rendered.set(reference.commandId, known);
  }
  // It was accepted before the node was found to be on this machine: it is never delivered, and times out.
  if (!known.byAdmin && (await isOnlyForAdmins(context, nodeId))) return undefined;
  return { topic: `aws.ssm.sendCommand.${context.region}.${nodeId}`, content: known.content };
}

export async function renderCancel(
  reference: { readonly commandId: string },
  nodeId: string,
  context: Context,
): Promise<RenderedMessage> {
  return {
    topic: `aws.ssm.cancelCommand.${context.region}.${nodeId}`,
    content: JSON.stringify({ CancelMessageId: commandMessageId(reference.commandId, nodeId) }),
  };
}

/** Under which prefix of the service's own bucket the output of collecting documents lies. */
export const collectedPrefix = 'collected';
/** Under which prefix of it whole output lies where the caller named no bucket. */
export const wholeOutputPrefix = 'output';

async function payloadOf(command: CommandBody, context: Context): Promise<string> {
  const document = await pinnedDocument(context, command.documentPin);
  const logs = command.cloudWatchOutputConfig;
  return JSON.stringify({
    Parameters: typedParameters(document, command.parameters),
    DocumentContent: document.content,
    CommandId: command.commandId,
    DocumentName: command.documentName,
    // What the service itself reads must lie where the service can read it, whatever the caller named.
    OutputS3BucketName: document.collects ? context.serviceBucket : command.outputS3BucketName,
    OutputS3KeyPrefix: document.collects ? collectedPrefix : command.outputS3KeyPrefix,
    // Ours, of output that a reply has no room for; other agents pass over it.
    ...(document.collects || command.outputS3BucketName !== ''
      ? {}
      : { WholeOutput: { Bucket: context.serviceBucket, KeyPrefix: wholeOutputPrefix } }),
    CloudWatchLogGroupName: logs?.CloudWatchLogGroupName ?? '',
    CloudWatchOutputEnabled: String(logs?.CloudWatchOutputEnabled ?? false),
    // Ours: other agents know AWS's endpoint alone, and pass over this.
    ...(logs?.CloudWatchOutputEnabled === true && context.settings.logsEndpoint !== undefined
      ? { CloudWatchLogsEndpoint: context.settings.logsEndpoint }
      : {}),
  });
}
