/** An invocation as it is born: waiting, or over at once where the node cannot run the document, or may not. */
import type { Context } from '../../../core/context.ts';
import type { Put } from '../../../core/state.ts';
import { mayRunOn, type Node } from '../../nodes/index.ts';
import { invocationStatusChanged } from './events.ts';
import { isTerminal } from './states.ts';
import { putInvocation, type CommandBody, type InvocationBody } from './store.ts';

/** The write that makes one, with the event of its end where it is over at once. */
export function writeNewInvocation(invocation: InvocationBody, context: Context): Put<InvocationBody> {
  const put = putInvocation(invocation);
  return isTerminal(invocation.state)
    ? { ...put, events: invocationStatusChanged({ ...invocation, state: 'Pending' }, invocation.state, context) }
    : put;
}

export function newInvocation(
  command: CommandBody,
  node: Pick<Node, 'id' | 'name' | 'platformType' | 'adminsOnly'>,
): InvocationBody {
  const supported = node.platformType === undefined || command.platformTypes.includes(node.platformType);
  return {
    commandId: command.commandId,
    nodeId: node.id,
    nodeName: node.name ?? '',
    documentName: command.documentName,
    documentVersion: command.documentVersion,
    comment: command.comment,
    requestedAt: command.requestedAt,
    steps: command.steps,
    newsShards: command.deltaShards,
    state: !supported ? 'InvalidPlatform' : mayRunOn(node, command) ? 'Pending' : 'AccessDenied',
    started: false,
    acknowledged: false,
    serviceRole: command.serviceRole,
    cloudWatchOutputConfig: command.cloudWatchOutputConfig,
    notificationConfig: command.notificationConfig,
  };
}
