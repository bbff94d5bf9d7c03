/** The Bus port on EventBridge. */
import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { NotPublished, type Bus } from '../core/bus.ts';
import { sourceOnAws, withIdInside } from '../core/event-envelope.ts';
import type { OutgoingEvent } from '../core/events.ts';

/** EventBridge's limits of one call. */
const mostEntries = 10;
const mostBytes = 256 * 1024;

export class EventBridgeBus implements Bus {
  readonly #client: EventBridgeClient;
  readonly #name: string;

  constructor(client: EventBridgeClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async publish(events: readonly OutgoingEvent[]): Promise<void> {
    const failed: OutgoingEvent[] = [];
    let reason = '';
    for (const batch of batches(events.map((event) => ({ event, entry: entryOf(event, this.#name) })))) {
      try {
        const { Entries: results = [] } = await this.#client.send(
          new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }),
        );
        for (const [place, { ErrorCode, ErrorMessage }] of results.entries()) {
          if (ErrorCode === undefined) continue;
          failed.push(batch[place]!.event);
          reason = `${ErrorCode}: ${ErrorMessage ?? ''}`;
        }
      } catch (error) {
        failed.push(...batch.map(({ event }) => event));
        reason = String(error);
      }
    }
    if (failed.length > 0) throw new NotPublished(failed, reason);
  }
}

interface Sized {
  readonly event: OutgoingEvent;
  readonly entry: PutEventsRequestEntry;
}

function* batches(all: readonly Sized[]): Generator<readonly Sized[]> {
  let batch: Sized[] = [];
  let bytes = 0;
  for (const one of all) {
    const size = entryBytes(one.entry);
    if (batch.length > 0 && (batch.length === mostEntries || bytes + size > mostBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** How EventBridge weighs an entry: 14 bytes for the time, the rest in UTF-8. */
function entryBytes({ Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  return 14 + [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** Whether EventBridge would take the event at all. */
export function fitsTheBus(event: OutgoingEvent): boolean {
  return entryBytes(entryOf(event, '')) <= mostBytes;
}

function entryOf(event: OutgoingEvent, bus: string): PutEventsRequestEntry {
  return {
    EventBusName: bus,
    Source: sourceOnAws(event),
    DetailType: event.detailType,
    Time: new Date(event.time),
    Resources: [...event.resources],
    Detail: JSON.stringify(withIdInside(event)),
  };
}
