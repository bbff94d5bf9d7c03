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

/** An event of Flotilla's own: AWS has none for a node that is found or lost. @param lastPing epoch milliseconds */
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
