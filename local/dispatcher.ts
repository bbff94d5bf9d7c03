/**
 * Brings events to their routes in this process: what the table's stream, EventBridge and its retries do on
 * AWS. A change row is deleted once every route has the event, or a dead letter keeps it: whatever happens
 * in between, it is delivered again.
 */
import type { Context } from '../core/context.ts';
import { describeError, keepDeadLetter, letterId, retryPauses, type DeadLetter } from '../core/dead-letters.ts';
import { envelope, localSource } from '../core/event-envelope.ts';
import { matchesPattern } from '../core/event-pattern.ts';
import { isOutgoingEvent, type EventBridgeEvent, type EventHandler, type OutgoingEvent } from '../core/events.ts';
import type { Route, Trigger } from '../events/routes.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Change, SqliteState } from './sqlite-state.ts';

/** What runs beside the server until it is stopped. */
export interface Loop {
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
  /** Takes nothing new up; resolves when what is under way is done. */
  stop(): Promise<void>;
}

/** A route as it is wired here: `handler` where somebody in this process listens. */
export type WiredRoute = Pick<Route, 'name' | 'on'> &
  ({ readonly run: Route['run'] } | { readonly handler: EventHandler });

export interface DispatcherParts {
  readonly state: SqliteState;
  readonly routes: readonly WiredRoute[];
  readonly load: (run: Route['run']) => Promise<EventHandler>;
  readonly context: Context;
}

/** Deliveries at work at once, those that wait for another attempt left out. */
const concurrency = 64;
/** With so many waiting for another attempt no new events are read: something is badly wrong, and memory is finite. */
const mostWaiting = 10_000;
const afterStateFailed = 1_000;

/** One event on its way to one route. */
interface Delivery {
  readonly route: WiredRoute;
  readonly event: OutgoingEvent;
  readonly message: EventBridgeEvent;
  readonly attempts: number;
  /** Called once the route has it, or a dead letter does. */
  readonly settled: () => void;
}

export function startDispatcher(parts: DispatcherParts): Loop {
  return new Dispatcher(parts);
}

class Dispatcher implements Loop {
  readonly #parts: DispatcherParts;
  readonly #routesOf: ReadonlyMap<string, readonly WiredRoute[]>;
  readonly #handlers = new Map<string, Promise<EventHandler>>();
  readonly #reading = new OneAtATime(() => this.#read());
  readonly #forgetting = new OneAtATime(() => this.#forget());
  readonly #deliveries = new Set<Promise<void>>();
  readonly #alarms = new Set<() => void>();
  readonly #unsubscribe: () => void;
  /** Events that reached all their routes and whose rows have yet to go. */
  #finished: number[] = [];
  /** The last change that was taken up. */
  #last = 0;
  #waiting = 0;
  #stopped = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#routesOf = routesByType(parts.routes);
    parts.state.keepOnly((event) => this.#routesFor(event).length > 0);
    this.#unsubscribe = parts.state.onCommit(({ events }) => {
      if (events) this.#reading.run();
    });
    // What an earlier process left.
    this.#reading.run();
  }

  async idle(): Promise<void> {
    while (this.#reading.busy || this.#deliveries.size > 0 || this.#forgetting.busy) {
      await this.#reading.idle();
      await Promise.all(this.#deliveries);
      await this.#forgetting.idle();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    for (const cancel of this.#alarms) cancel();
    await this.idle();
  }

  async #read(): Promise<void> {
    try {
      while (!this.#stopped) {
        const room = Math.min(concurrency - this.#deliveries.size, mostWaiting - this.#waiting);
        // Whoever ends reads on.
        if (room <= 0) return;
        const changes = await this.#parts.state.readChanges(this.#last, room);
        for (const change of changes) {
          this.#last = change.seq;
          try {
            this.#take(change);
          } catch (error) {
            this.#setAside(change, error);
          }
        }
        if (changes.length < room) return;
      }
    } catch (error) {
      this.#parts.context.log.error('events could not be read', { error });
      this.#later(afterStateFailed, () => this.#reading.run());
    }
  }

  #routesFor(event: OutgoingEvent): readonly WiredRoute[] {
    return (this.#routesOf.get(event.detailType) ?? []).filter(({ on }) => wants(on, event));
  }

  #take({ seq, event }: Change): void {
    if (!isOutgoingEvent(event)) throw new Error('the row is not an event that this version knows');
    const { account, region } = this.#parts.context;
    const message = envelope(event, { source: localSource, account, region });
    const routes = this.#routesFor(event);
    let rest = routes.length;
    const settled = (): void => {
      if (--rest > 0) return;
      this.#finished.push(seq);
      this.#forgetting.run();
    };
    if (routes.length === 0) settled();
    for (const route of routes) this.#deliver({ route, event, message, attempts: 1, settled });
  }

  #deliver(delivery: Delivery): void {
    const work = this.#attempt(delivery).then(() => {
      this.#deliveries.delete(work);
      this.#reading.run();
    });
    this.#deliveries.add(work);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { route, message, settled } = delivery;
    const { context } = this.#parts;
    const log = context.log.with({ route: route.name, event: message.id, detailType: message['detail-type'] });
    try {
      const handler = 'handler' in route ? route.handler : await this.#load(route.run);
      await handler(message, { ...context, log });
      settled();
    } catch (error) {
      log.warn('an event was not taken', { attempts: delivery.attempts, error });
      await this.#failed(delivery, error);
    }
  }

  #load(run: Route['run']): Promise<EventHandler> {
    let handler = this.#handlers.get(run);
    if (handler === undefined) {
      this.#handlers.set(run, (handler = this.#parts.load(run)));
      // What kept it from being read (too many open files) may pass.
      handler.catch(() => this.#handlers.delete(run));
    }
    return handler;
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    const { route, event, attempts, settled } = delivery;
    const { context } = this.#parts;
    const pause = retryPauses[attempts - 1];
    if (pause !== undefined) return this.#again({ ...delivery, attempts: attempts + 1 }, pause);
    const failedAt = context.clock.now();
    try {
      await keepDeadLetter(
        {
          kind: 'event',
          id: context.ids.uuid(),
          route: route.name,
          event,
          failedAt,
          attempts,
          error: describeError(error),
        },
        context,
      );
      settled();
    } catch (unwritable) {
      context.log.error('a dead letter could not be written', {
        route: route.name,
        event: event.id,
        error: unwritable,
      });
      this.#again(delivery, retryPauses.at(-1) ?? 0);
    }
  }

  /** An event that no route can be given, such as one whose time is none, becomes a dead letter. */
  #setAside({ seq, event }: Change, error: unknown): void {
    const { context } = this.#parts;
    context.log.error('an event cannot be delivered', { seq, error });
    const failure = { failedAt: context.clock.now(), attempts: 1, error: describeError(error) };
    const letter: DeadLetter = isOutgoingEvent(event)
      ? { ...failure, kind: 'event', id: letterId(event.id, context), route: 'every route', event }
      : { ...failure, kind: 'record', id: context.ids.uuid(), text: JSON.stringify(event) };
    const work = keepDeadLetter(letter, context)
      .then(
        () => {
          this.#finished.push(seq);
          this.#forgetting.run();
        },
        (unwritable: unknown) => {
          context.log.error('a dead letter could not be written', { seq, error: unwritable });
          this.#later(retryPauses.at(-1) ?? 0, () => this.#setAside({ seq, event }, error));
        },
      )
      .then(() => void this.#deliveries.delete(work));
    this.#deliveries.add(work);
  }

  #again(delivery: Delivery, pause: number): void {
    this.#waiting++;
    this.#later(pause, () => {
      this.#waiting--;
      this.#deliver(delivery);
    });
  }

  /** Deletes what is finished, together. */
  async #forget(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const seqs = this.#finished;
    this.#finished = [];
    if (seqs.length === 0) return;
    try {
      await this.#parts.state.deleteChanges(seqs);
    } catch (error) {
      this.#parts.context.log.warn('delivered events could not be forgotten yet', { error });
      this.#finished.push(...seqs);
      this.#later(afterStateFailed, () => this.#forgetting.run());
    }
  }

  #later(milliseconds: number, then: () => void): void {
    if (this.#stopped) return;
    const { clock } = this.#parts.context;
    const cancel = clock.alarm(clock.now() + milliseconds, () => {
      this.#alarms.delete(cancel);
      then();
    });
    this.#alarms.add(cancel);
  }
}

function routesByType(routes: readonly WiredRoute[]): ReadonlyMap<string, readonly WiredRoute[]> {
  const byType = new Map<string, WiredRoute[]>();
  for (const route of routes)
    for (const detailType of 'detailTypes' in route.on ? new Set(route.on.detailTypes) : [])
      byType.set(detailType, [...(byType.get(detailType) ?? []), route]);
  return byType;
}

function wants(on: Trigger, { source = localSource, detail }: OutgoingEvent): boolean {
  if (!('detailTypes' in on) || source !== (on.source ?? localSource)) return false;
  return on.detail === undefined || matchesPattern({ detail: on.detail }, { detail });
}
