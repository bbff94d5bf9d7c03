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

/** The events of the contract: each has a schema in `events/schemas` of this name. */
export const detailTypes = [
  'AWS API Call via CloudTrail',
  'CloudWatch Alarm State Change',
  'Configuration Compliance State Change',
  'EC2 Command Invocation Status-change Notification',
  'EC2 Command Status-change Notification',
  'EC2 State Manager Association State Change',
  'EC2 State Manager Instance Association State Change',
  'Flotilla Node Connection Change',
  'Flotilla Node Platform Change',
  'Flotilla Resource Group Change',
  'Flotilla Tag Change',
  'Flotilla Topic Message',
  'Parameter Store Change',
  'Parameter Store Policy Action',
  'SSM Managed Instance Deregistration',
  'SSM Managed Instance Public Key Update',
  'SSM Managed Instance Registration',
] as const;

export type DetailType = (typeof detailTypes)[number];

/** What a new event says. */
export interface NewEvent<Detail extends object> {
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: Detail;
  /** Where the event has an id already; absent: a new one. */
  readonly id?: string;
  /** Epoch milliseconds; absent: now. */
  readonly time?: number;
}

/**
 * A new event, for a write to name: the one way to build one.
 * @param detailType a name of the contract in `events/`
 * @example
 * newEvent(context, 'Parameter Store Change', {
 *   resources: [parameterArn(name, context)],
 *   detail: { operation: 'Create', name, type } satisfies ParameterChange,
 * });
 */
export function newEvent<Detail extends object>(
  { ids, clock }: Pick<Context, 'ids' | 'clock'>,
  detailType: DetailType,
  { resources, detail, id = ids.uuid(), time = clock.now() }: NewEvent<Detail>,
): OutgoingEvent<Detail> {
  return { id, detailType, time, resources, detail };
}

/** Text that is no list of events of this version. */
export class UnreadableEvents extends Error {
  override readonly name = 'UnreadableEvents';
  /** Whether it is JSON: a newer version may have written it, and can read it then. */
  readonly isJson: boolean;

  constructor(reason: string, isJson: boolean) {
    super(`events cannot be read: ${reason}`);
    this.isJson = isJson;
  }
}

/** Reads events that a write has kept as JSON text. @throws UnreadableEvents */
export function readEvents(text: string): readonly OutgoingEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UnreadableEvents(String(error), false);
  }
  if (Array.isArray(value) && value.every(isOutgoingEvent)) return value;
  throw new UnreadableEvents('another shape than this version knows', true);
}

/** Whether JSON has the shape of an event of this version. */
export function isOutgoingEvent(value: unknown): value is OutgoingEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, detailType, source, time, resources, detail } = value as Partial<Record<keyof OutgoingEvent, unknown>>;
  return (
    typeof id === 'string' &&
    typeof detailType === 'string' &&
    (source === undefined || typeof source === 'string') &&
    typeof time === 'number' &&
    Array.isArray(resources) &&
    resources.every((one) => typeof one === 'string') &&
    typeof detail === 'object' &&
    detail !== null
  );
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
