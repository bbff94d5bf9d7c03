/** The Bus port on EventBridge. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Bus, Refusal } from '../core/bus.ts';
import { sourceOnAws, withIdInside } from '../core/event-envelope.ts';
import { entryBytes, eventFault, mostEventBytes } from '../core/event-limits.ts';
import type { OutgoingEvent } from '../core/events.ts';

/** EventBridge's limit of one call, beside its bytes. */
const mostEntries = 10;
/** Times that an entry is sent before it is left for later. */
const attempts = 3;
/** Milliseconds before the second attempt; doubled with each, and cut at random. */
const firstPause = 200;

/** Codes of entries, and of whole calls, that say: never as it is. All others are tried again. */
const final: ReadonlySet<string | undefined> = new Set([
  'InvalidArgument',
  'InvalidArgumentException',
  'InvalidParameterValue',
  'MalformedDetail',
  'NotAuthorizedForDetailTypeException',
  'NotAuthorizedForSourceException',
  'RequestEntityTooLarge',
  'RequestEntityTooLargeException',
  'SerializationException',
  'ValidationException',
]);

interface Sized {
  readonly event: OutgoingEvent;
  readonly entry: PutEventsRequestEntry;
  readonly bytes: number;
}

export class EventBridgeBus implements Bus {
  readonly #client: Pick<EventBridgeClient, 'send'>;
  readonly #name: string;

  constructor(client: Pick<EventBridgeClient, 'send'>, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async publish(events: readonly OutgoingEvent[]): Promise<readonly Refusal[]> {
    const refusals: Refusal[] = [];
    const entries: Sized[] = [];
    for (const event of events) {
      const fault = eventFault(event);
      if (fault === undefined) entries.push(sized(event, this.#name));
      else refusals.push({ event, reason: `EventBridge does not carry it: ${fault}`, isFinal: true });
    }
    let rest: readonly Sized[] = entries;
    for (let attempt = 1; rest.length > 0; attempt++) {
      const refused: Refusal[] = [];
      for (const batch of batches(rest)) refused.push(...(await this.#send(batch)));
      const again = new Set(refused.filter(({ isFinal }) => !isFinal).map(({ event }) => event));
      if (again.size === 0 || attempt === attempts) {
        refusals.push(...refused);
        break;
      }
      refusals.push(...refused.filter(({ isFinal }) => isFinal));
      rest = rest.filter(({ event }) => again.has(event));
      await sleep(firstPause * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
    }
    return refusals;
  }

  /** One call. Where the call itself is refused for good, each entry is sent alone: the others may be right. */
  async #send(batch: readonly Sized[]): Promise<readonly Refusal[]> {
    try {
      const { Entries: results = [] } = await this.#client.send(
        new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) }),
      );
      return batch.flatMap(({ event }, place) => {
        const { ErrorCode: code, ErrorMessage: message = '' } = results[place] ?? {};
        return code === undefined ? [] : [{ event, reason: `${code}: ${message}`, isFinal: final.has(code) }];
      });
    } catch (error) {
      const isFinal = final.has((error as Error).name);
      if (!isFinal || batch.length === 1) return batch.map(({ event }) => ({ event, reason: String(error), isFinal }));
      const alone: Refusal[] = [];
      for (const one of batch) alone.push(...(await this.#send([one])));
      return alone;
    }
  }
}

function* batches(all: readonly Sized[]): Generator<readonly Sized[]> {
  let batch: Sized[] = [];
  let bytes = 0;
  for (const one of all) {
    if (batch.length > 0 && (batch.length === mostEntries || bytes + one.bytes > mostEventBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += one.bytes;
  }
  if (batch.length > 0) yield batch;
}

function sized(event: OutgoingEvent, bus: string): Sized {
  const counted = {
    source: sourceOnAws(event),
    detailType: event.detailType,
    detail: JSON.stringify(withIdInside(event)),
    resources: event.resources,
  };
  return {
    event,
    bytes: entryBytes(counted),
    entry: {
      EventBusName: bus,
      Source: counted.source,
      DetailType: counted.detailType,
      Time: new Date(event.time),
      Resources: [...event.resources],
      Detail: counted.detail,
    },
  };
}
