/** What other rooms may call. */
export { connectionOf, isConnected } from './connections.ts';
export { deleteMessage, messageWrite, pendingMessages, type Message } from './mailbox.ts';
export { nodeArn, pingGrace, pingStatusOf, type Node, type PingStatus } from './node.ts';
export { getNode, getNodes } from './nodes.ts';
export { criteriaOf, meets, type Criterion, type Target } from './target.ts';
export { nodeMatches, resolveTargets, type ResolvedTargets, type ResolveOptions } from './target-resolution.ts';
