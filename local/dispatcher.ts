/**
 * Brings events to their routes in this process: what the table's stream, EventBridge and its retries do on
 * AWS. A change row is deleted when every route has the event, or it is a dead letter there: whatever
 * happens in between, it is delivered again.
 */
import type { Context } from '../core/context.ts';
import { describeError, putDeadLetter } from '../core/dead-letters.ts';
import { envelope, localSource } from '../core/event-envelope.ts';
import { matchesPattern } from '../core/event-pattern.ts';
import type { EventBridgeEvent, EventHandler, OutgoingEvent } from '../core/events.ts';
import type { Route } from '../events/routes.ts';
import type { Change, SqliteState } from './sqlite-state.ts';
import type { Loop } from './timer-loop.ts';

/** Events being delivered at once, those that wait for another attempt left out. */
const concurrency = 64;
/** The pauses between attempts at one route; after the last the event is a dead letter there. */
const pauses = [1_000, 5_000, 30_000, 120_000, 600_000];

/** A route as it is wired here: `handler` where a test brings its own. */
export type WiredRoute = Pick<Route, 'name' | 'on'> & ({ readonly run: Route['run'] } | { readonly handler: EventHandler });

export interface DispatcherParts {
  readonly state: SqliteState;
  readonly routes: readonly WiredRoute[];
  readonly load: (run: Route['run']) => Promise<EventHandler>;
  readonly context: Context;
}

export function startDispatcher({ state, routes, load, context }: DispatcherParts): Loop {
  const byType = Map.groupBy(
    routes.flatMap((route) => ('detailTypes' in route.on ? route.on.detailTypes.map((detailType) => ({ detailType, route })) : [])),
    ({ detailType }) => detailType,
  );
  const handlers = new Map<string, Promise<EventHandler>>();
  let last = 0;
  let active = 0;
  let reading: Promise<void> | undefined;
  let readOnceMore = false;
  let stopped = false;
  const cancels = new Set<() => void>();
  const underWay = new Set<Promise<void>>();
  const finished: number[] = [];
  let deleting: Promise<void> | undefined;

  const read = (): void => {
    if (stopped) return;
    if (reading !== undefined) {
      readOnceMore = true;
      return;
    }
    reading = readPage()
      .catch((error: unknown) => {
        context.log.error('events could not be read', { error });
        wait(1_000, read);
      })
      .finally(() => {
        reading = undefined;
        if (readOnceMore) {
          readOnceMore = false;
          read();
        }
      });
  };

  const readPage = async (): Promise<void> => {
    const free = concurrency - active;
    // Whoever ends reads on.
    if (free <= 0) return;
    const changes = await state.readChanges(last, free);
    for (const change of changes) {
      last = change.seq;
      take(change);
    }
    if (changes.length === free) readOnceMore = true;
  };

  const take = ({ seq, event }: Change): void => {
    const message = envelope(event, { source: localSource, account: context.account, region: context.region });
    const wanted = (byType.get(event.detailType) ?? []).map(({ route }) => route).filter((route) => !('detail' in route.on) || route.on.detail === undefined || matchesPattern(route.on.detail, message.detail));
    let rest = wanted.length;
    const done = (): void => {
      if (--rest <= 0) forget(seq);
    };
    if (wanted.length === 0) done();
    for (const route of wanted) attempt(route, message, event, 1, done);
  };

  const attempt = (route: WiredRoute, message: EventBridgeEvent, event: OutgoingEvent, attempts: number, done: () => void): void => {
    active++;
    track(
      deliver(route, message).then(
        () => done(),
        (error: unknown) => failed(route, message, event, attempts, error, done),
      ),
    ).finally(() => {
      active--;
      read();
    });
  };

  const deliver = async (route: WiredRoute, message: EventBridgeEvent): Promise<void> => {
    if ('handler' in route) return route.handler(message, context);
    let handler = handlers.get(route.run);
    if (handler === undefined) handlers.set(route.run, (handler = load(route.run)));
    return (await handler)(message, context);
  };

  const failed = async (route: WiredRoute, message: EventBridgeEvent, event: OutgoingEvent, attempts: number, error: unknown, done: () => void): Promise<void> => {
    context.log.warn('an event was not taken', { route: route.name, event: event.id, detailType: event.detailType, attempts, error });
    const pause = pauses[attempts - 1];
    if (pause !== undefined) {
      wait(pause, () => attempt(route, message, event, attempts + 1, done));
      return;
    }
    try {
      await state.write(putDeadLetter({ id: context.ids.uuid(), kind: 'event', route: route.name, event, failedAt: context.clock.now(), attempts, error: describeError(error) }));
      done();
    } catch (unwritable) {
      context.log.error('a dead letter could not be written', { route: route.name, event: event.id, error: unwritable });
      wait(30_000, () => attempt(route, message, event, attempts, done));
    }
  };

  /** Deletes what is finished together, when the last deletion is through. */
  const forget = (seq: number): void => {
    finished.push(seq);
    if (deleting !== undefined) return;
    deleting = track(
      (async () => {
        await new Promise((resolve) => setImmediate(resolve));
        while (finished.length > 0) await state.deleteChanges(finished.splice(0));
      })()
        .catch((error: unknown) => context.log.warn('delivered events could not be forgotten; they will be delivered again at the next start', { error }))
        .finally(() => {
          deleting = undefined;
        }),
    );
  };

  const wait = (milliseconds: number, then: () => void): void => {
    if (stopped) return;
    const cancel = context.clock.alarm(context.clock.now() + milliseconds, () => {
      cancels.delete(cancel);
      then();
    });
    cancels.add(cancel);
  };

  const track = (work: Promise<void>): Promise<void> => {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  };

  const unsubscribe = state.onCommit(({ events }) => {
    if (events) read();
  });
  read();

  const idle = async (): Promise<void> => {
    while (reading !== undefined || underWay.size > 0) {
      await reading;
      await Promise.all(underWay);
    }
  };
  return {
    idle,
    stop: async () => {
      stopped = true;
      unsubscribe();
      for (const cancel of cancels) cancel();
      await idle();
    },
  };
}
