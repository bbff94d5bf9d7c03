/** An invocation as it is born: waiting, or over at once where the node cannot run the document. */
import type { Node } from '../../nodes/index.ts';
import type { CommandBody, InvocationBody } from './store.ts';

export function newInvocation(command: CommandBody, node: Pick<Node, 'id' | 'name' | 'platformType'>): InvocationBody {
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
    state: supported ? 'Pending' : 'InvalidPlatform',
    started: false,
    acknowledged: false,
    serviceRole: command.serviceRole,
    cloudWatchOutputConfig: command.cloudWatchOutputConfig,
  };
}
