/** EventBridge's envelope around an event of ours. */
import type { EventBridgeEvent, OutgoingEvent } from './events.ts';

/** AWS lets nobody else publish `aws.*`: there our source is our own (docs/events.md). */
export const localSource = 'aws.ssm';
export const awsSource = 'flotilla.ssm';

export function envelope<Detail extends object>(event: OutgoingEvent<Detail>, place: { readonly source: string; readonly account: string; readonly region: string }): EventBridgeEvent<Detail> {
  return {
    version: '0',
    id: event.id,
    'detail-type': event.detailType,
    source: place.source,
    account: place.account,
    time: `${new Date(event.time).toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources: event.resources,
    detail: event.detail,
  };
}
