/** Events as they leave a room and as they reach a handler. The contract of each is in `events/`. */
import type { Context } from './context.ts';

/**
 * An event named by a write. Its id is made by the writer and never changes, whatever is sent again;
 * source, account and region are added where it is published.
 */
export interface OutgoingEvent<Detail extends object = object> {
  readonly id: string;
  readonly detailType: string;
  /** Whose it is, where it is not ours but was posted to us: `aws.cloudwatch`. */
  readonly source?: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: Detail;
}

/** EventBridge's envelope: what a route's handler is given, on AWS and locally alike. */
export interface EventBridgeEvent<Detail extends object = object> {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds, `Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Detail;
}

/** What an event, a schedule or a queue wakes. Delivery is at least once and unordered. */
export type EventHandler<Detail extends object = object> = (
  event: EventBridgeEvent<Detail>,
  context: Context,
) => Promise<void>;
