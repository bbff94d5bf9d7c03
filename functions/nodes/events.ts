/** The events that this room emits. */
import { nodeArn } from '../../core/arns.ts';
import type { Context } from '../../core/context.ts';
import { newEvent, type OutgoingEvent } from '../../core/events.ts';

export interface NodeConnectionChange {
  readonly 'instance-id': string;
  readonly status: 'Online' | 'ConnectionLost';
  /** ISO 8601. Absent when the node has connected but has never reported. */
  readonly 'last-ping'?: string;
}

export interface NodePlatformChange {
  readonly 'instance-id': string;
  readonly 'platform-type': string;
  /** Absent where it was not known. */
  readonly 'previous-platform-type'?: string;
}

/**
 * An event of Flotilla's own. Documents are made for platforms, so a node with another platform may have other
 * documents to run.
 */
export function nodePlatformChanged(
  context: Context,
  nodeId: string,
  platformType: string,
  before: string | undefined,
): OutgoingEvent<NodePlatformChange> {
  return newEvent(context, 'Flotilla Node Platform Change', {
    resources: [nodeArn(context, nodeId)],
    detail: {
      'instance-id': nodeId,
      'platform-type': platformType,
      ...(before === undefined ? {} : { 'previous-platform-type': before }),
    },
  });
}

/** Ours: AWS has no event for a node that is found or lost. @param lastPing epoch milliseconds */
export function nodeConnectionChanged(
  context: Context,
  nodeId: string,
  status: NodeConnectionChange['status'],
  lastPing: number | undefined,
): OutgoingEvent<NodeConnectionChange> {
  return newEvent(context, 'Flotilla Node Connection Change', {
    resources: [nodeArn(context, nodeId)],
    detail: {
      'instance-id': nodeId,
      status,
      ...(lastPing === undefined ? {} : { 'last-ping': new Date(lastPing).toISOString() }),
    },
  });
}
