/** The events that this room emits. AWS names them but publishes no shape (docs/differences). */
import { nodeArn } from '../../../core/arns.ts';
import type { Context } from '../../../core/context.ts';
import { newEvent, type DetailType, type OutgoingEvent } from '../../../core/events.ts';

export interface ManagedInstanceDetail {
  readonly 'instance-id': string;
  readonly 'activation-id'?: string;
  readonly 'iam-role'?: string;
  readonly 'platform-type'?: string;
  readonly 'agent-version'?: string;
  readonly status?: 'REGISTERED' | 'DEREGISTERED';
  readonly reason?: string;
}

interface KnownNode {
  readonly activationId?: string;
  readonly iamRole?: string;
  readonly platformType?: string;
  readonly agentVersion?: string;
}

export function nodeRegistered(
  context: Context,
  nodeId: string,
  node: KnownNode,
): OutgoingEvent<ManagedInstanceDetail> {
  return managedInstanceEvent(context, 'SSM Managed Instance Registration', nodeId, node, { status: 'REGISTERED' });
}

export function nodeDeregistered(
  context: Context,
  nodeId: string,
  node: KnownNode,
): OutgoingEvent<ManagedInstanceDetail> {
  return managedInstanceEvent(context, 'SSM Managed Instance Deregistration', nodeId, node, { status: 'DEREGISTERED' });
}

export function nodeKeyUpdated(context: Context, nodeId: string): OutgoingEvent<ManagedInstanceDetail> {
  return managedInstanceEvent(context, 'SSM Managed Instance Public Key Update', nodeId, {}, {});
}

function managedInstanceEvent(
  context: Context,
  detailType: DetailType,
  nodeId: string,
  node: KnownNode,
  more: Pick<ManagedInstanceDetail, 'status' | 'reason'>,
): OutgoingEvent<ManagedInstanceDetail> {
  return newEvent(context, detailType, {
    resources: [nodeArn(context, nodeId)],
    detail: {
      'instance-id': nodeId,
      ...(node.activationId === undefined ? {} : { 'activation-id': node.activationId }),
      ...(node.iamRole === undefined ? {} : { 'iam-role': node.iamRole }),
      ...(node.platformType === undefined ? {} : { 'platform-type': node.platformType }),
      ...(node.agentVersion === undefined ? {} : { 'agent-version': node.agentVersion }),
      ...more,
    },
  });
}
