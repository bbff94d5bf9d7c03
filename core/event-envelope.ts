/** Converts between our events and EventBridge's envelope. */
import type { EventBridgeEvent, OutgoingEvent } from './events.ts';

/**
 * The source of our events locally. On AWS only AWS may publish `aws.*`, so we use a source of our own there
 * (docs/events.md).
 */
export const localSource = 'aws.ssm';
export const awsSource = 'flotilla.ssm';

export function envelope<Detail extends object>(
  event: OutgoingEvent<Detail>,
  location: { readonly source: string; readonly account: string; readonly region: string },
): EventBridgeEvent<Detail> {
  return {
    version: '0',
    id: event.id,
    'detail-type': event.detailType,
    source: event.source ?? location.source,
    account: location.account,
    time: `${new Date(event.time).toISOString().slice(0, 19)}Z`,
    region: location.region,
    resources: event.resources,
    detail: event.detail,
  };
}

/**
 * The source that an event is published with on AWS. An event posted to us as `aws.cloudwatch` becomes
 * `flotilla.cloudwatch`.
 */
export function sourceOnAws({ source }: Pick<OutgoingEvent, 'source'>): string {
  return source?.replace(/^aws\./, 'flotilla.') ?? awsSource;
}

/**
 * The reverse of {@link sourceOnAws}: the original source of an event, from the source of its envelope.
 * @returns undefined for one of our own events
 */
export function sourceOfWriter({ source }: Pick<EventBridgeEvent, 'source'>): string | undefined {
  return source === awsSource || source === localSource ? undefined : source.replace(/^flotilla\./, 'aws.');
}

/**
 * The event as its writer made it, from the event that a handler received: with the source and time of an {@link
 * OutgoingEvent}. When it is published again, it reaches the same routes.
 */
export function outgoing(event: EventBridgeEvent): OutgoingEvent {
  // Another service's event is published again in its name: its route would not take it in ours.
  const source = sourceOfWriter(event);
  return {
    id: event.id,
    detailType: event['detail-type'],
    ...(source === undefined ? {} : { source }),
    time: Date.parse(event.time),
    resources: event.resources,
    detail: event.detail,
  };
}

/**
 * EventBridge gives each publication a new id. Our id, which stays the same when an event is published again, travels
 * in the detail and is restored before a handler sees the event.
 */
const idMember = 'flotilla-event-id';

/** The detail as it is published on EventBridge. */
export function withIdInside({ id, detail }: OutgoingEvent): object {
  return { ...detail, [idMember]: id };
}

/** The event with its original id. An event of AWS's own stays as it is. */
export function withOwnId<Detail extends object>(event: EventBridgeEvent<Detail>): EventBridgeEvent<Detail> {
  const { [idMember]: id, ...detail } = event.detail as Detail & { readonly [idMember]?: string };
  return id === undefined ? event : { ...event, id, detail: detail as unknown as Detail };
}
