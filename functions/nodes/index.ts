/** What other rooms may call. */
export {
  adminsOnlyReason,
  assertMayRunOn,
  isOnlyForAdmins,
  markOnServiceMachine,
  mayRunOn,
  type Work,
} from './admin-only.ts';
export { removeNode, setNodeRole, writeNode, type NewNode } from './registration.ts';
export { identityOf, replaceKey, whileRegistered, type Identity } from './identity.ts';
export { recordConnected, recordPing, type NodeInformation } from './pings.ts';
export {
  closeConnection,
  connectionOf,
  connectionStands,
  endGateway,
  gatewayLease,
  isConnected,
  liveGateways,
  openConnection,
  renewGateway,
} from './connections.ts';
export { deleteMessage, hideMessage, isPending, messageWrite, pendingMessages, type Message } from './mailbox.ts';
export { pingGrace, pingStatusOf, type ListedNode, type Node, type PingStatus } from './node.ts';
export { findNodes, type NodeCriterion } from './find-nodes.ts';
export type { ListOptions, NodePage } from './list-nodes.ts';
export type { AssociationsItem, AssociationState } from './store.ts';
export { indexedAttributes, type IndexedAttribute, type NodeKind } from './node-indexes.ts';
export { countKinds } from './node-kinds.ts';
export { associationChange, forgetAssociations, type AssociationChange } from './associations.ts';
export { getNode, getNodes, getNodesAsTargets, listNodeIds, registeredIds, type NodeAsTarget } from './nodes.ts';
export { criteriaOf, meets, type Criterion, type Target, type TargetCriterion } from './target.ts';
export { checkTargets, criteriaNowOfAll } from './target-groups.ts';
export {
  nodeMatches,
  resolveGroup,
  resolveTargets,
  type ResolvedTargets,
  type ResolveOptions,
} from './target-resolution.ts';
