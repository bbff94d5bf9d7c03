/**
 * The ports as a function has them on AWS: what its rights do not allow is refused here too, and remembered. The
 * ports themselves are those of one machine.
 *
 * With `FLOTILLA_RIGHTS_USED=<file>` nothing is refused and every use is added to that file, for
 * `scripts/compare-rights.ts`.
 */
import { appendFileSync } from 'node:fs';
import type { Bus } from '../../core/bus.ts';
import type { Context } from '../../core/context.ts';
import type { EventHandler } from '../../core/events.ts';
import { outboxPartition } from '../../core/outbox.ts';
import type { Queue } from '../../core/queue.ts';
import { fitting, joinRights, purposeOf, type Rights } from '../../core/rights.ts';
import type { Check, Key, Query, Write } from '../../core/state.ts';
import { fleetPartition, nodeShards } from '../../functions/nodes/store.ts';
import { loadHandler } from '../../local/route-handlers.ts';
import { rightsOf } from '../../events/rights.ts';
import { routes, type Route } from '../../events/routes.ts';

/** What only one machine does: on AWS topics are SNS's, and there are no webhooks. */
const onOneMachine: Readonly<Record<string, Rights>> = {
  api: { reads: ['TOPICS', 'TOPIC#*'], writes: ['TOPICS', 'TOPIC#*'], encrypts: ['webhook-secret'] },
  'publish-topic-message': {
    reads: ['TOPIC#*', 'WEBHOOK#*'],
    writes: ['TOPIC#*', 'WEBHOOK#*', 'TIMER#*'],
    decrypts: ['webhook-secret'],
  },
  'fire-timers': { reads: ['TOPIC#*', 'WEBHOOK#*'], writes: ['TOPIC#*', 'WEBHOOK#*'], decrypts: ['webhook-secret'] },
};

/** Uses that were refused, in all tests of this file. */
const refused: string[] = [];
const seen = new Set<string>();

/** @throws Error with every use that the rights did not allow; call it when a test's flows have ended */
export function expectNothingRefused(): void {
  const uses = refused.splice(0);
  if (uses.length > 0) throw new Error(`rights are missing (events/rights.ts):\n${[...new Set(uses)].join('\n')}`);
}

/** A context for what runs as the function of this name. */
export function guarded<Given extends Context>(name: string, context: Given): Given {
  const rights = joinRights(rightsOf(name), onOneMachine[name] ?? {});

  function use(kind: keyof Rights, what = ''): void {
    const allowed = rights[kind];
    const pattern = allowed === true ? '' : fitting(allowed, what);
    const line = JSON.stringify({ function: name, right: kind, what: what.replace(/#.*/, '#'), pattern });
    const file = process.env.FLOTILLA_RIGHTS_USED;
    if (file !== undefined && !seen.has(line)) {
      seen.add(line);
      appendFileSync(file, `${line}\n`);
    }
    if (file !== undefined || pattern !== undefined) return;
    const text = `${name} ${kind} ${what}`;
    refused.push(text);
    throw new Error(`its rights do not allow it: ${text}`);
  }

  function useWrites(writes: readonly (Write | Check)[]): void {
    for (const write of writes) {
      if ('check' in write) use('reads', write.check.pk);
      else use('writes', ('put' in write ? write.put : 'update' in write ? write.update : write.delete).pk);
    }
    // As aws/state-requests.ts writes them: events of deletes alone need a row of their own.
    const stays = writes.some((write) => 'put' in write || 'update' in write);
    if (!stays && writes.some((write) => 'delete' in write && (write.events ?? []).length > 0))
      use('writes', outboxPartition(0));
  }

  function useFile(kind: 'readsFiles' | 'writesFiles' | 'deletesFiles', bucket: string, key: string): void {
    if (bucket === context.serviceBucket) use(kind, key);
    else if (kind !== 'readsFiles') throw new Error(`nobody may change files in ${bucket}`);
  }

  return {
    ...context,
    state: intercepted(name, context.state, {
      get: (key: Key) => use('reads', key.pk),
      getMany: (keys: readonly Key[]) => keys.forEach(({ pk }) => use('reads', pk)),
      query: ({ pk }: Query) => use('reads', pk),
      write: (write: Write) => useWrites([write]),
      transact: useWrites,
      batch: useWrites,
    }),
    files: intercepted(name, context.files, {
      get: (bucket: string, key: string) => useFile('readsFiles', bucket, key),
      head: (bucket: string, key: string) => useFile('readsFiles', bucket, key),
      list: (bucket: string, { prefix = '' }: { readonly prefix?: string } = {}) =>
        useFile('readsFiles', bucket, prefix),
      put: (bucket: string, key: string) => useFile('writesFiles', bucket, key),
      delete: (bucket: string, key: string) => useFile('deletesFiles', bucket, key),
      presign: (method: 'GET' | 'PUT', bucket: string, key: string) =>
        useFile(method === 'GET' ? 'readsFiles' : 'writesFiles', bucket, key),
    }),
    keys: intercepted(name, context.keys, {
      encrypt: (_plaintext: Uint8Array, purpose: Readonly<Record<string, string>>) =>
        use('encrypts', purposeOf(purpose)),
      decrypt: (_text: string, purpose: Readonly<Record<string, string>>) => use('decrypts', purposeOf(purpose)),
      mac: () => use('signs'),
    }),
    mailbox: intercepted(name, context.mailbox, {
      wake: (nodeId: string) => {
        use('wakesNodes');
        // As aws/context.ts finds the gateway.
        use('reads', fleetPartition(nodeShards.shardOf(nodeId)));
      },
    }),
    ...(context.alarms === undefined
      ? {}
      : { alarms: intercepted(name, context.alarms, { stateOf: () => use('asksAlarms') }) }),
    ...(context.topics === undefined
      ? {}
      : { topics: intercepted(name, context.topics, { publish: () => use('publishesToTopics') }) }),
    ...('bus' in context
      ? { bus: intercepted(name, context.bus as Bus, { publish: () => use('publishesEvents') }) }
      : {}),
    ...('timerQueue' in context
      ? { timerQueue: intercepted(name, context.timerQueue as Queue<object>, { send: () => use('sendsTimers') }) }
      : {}),
    ...(context.nodeCredentials === undefined
      ? {}
      : { nodeCredentials: intercepted(name, context.nodeCredentials, { issue: () => use('issuesNodeCredentials') }) }),
  };
}

/** As local/route-handlers.ts loads them; each handler has the rights of its route. */
export async function loadGuarded(run: Route['run']): Promise<EventHandler> {
  const handler = await loadHandler(run);
  const name = routes.find((route) => route.run === run)?.name;
  if (name === undefined) throw new Error(`no route runs ${run}`);
  return (event, context) => handler(event, guarded(name, context));
}

type Uses<Port> = { readonly [method in keyof Port]?: (...args: never[]) => void };

/** Rooms remember things by the port that they were given: each function has one for each. */
const guards = new WeakMap<object, Map<string, object>>();

/** The port itself, with a look at what each call uses before it is made. @param name of the function */
function intercepted<Port extends object>(name: string, port: Port, uses: Uses<Port>): Port {
  const known = guards.get(port) ?? new Map<string, object>();
  guards.set(port, known);
  const guard = (known.get(name) as Port | undefined) ?? intercept(port, uses);
  known.set(name, guard);
  return guard;
}

function intercept<Port extends object>(port: Port, uses: Uses<Port>): Port {
  return new Proxy(port, {
    get(target, member) {
      const value = Reflect.get(target, member, target) as unknown;
      if (typeof value !== 'function') return value;
      const look = uses[member as keyof Port] as ((...args: unknown[]) => void) | undefined;
      return (...args: unknown[]): unknown => {
        look?.(...args);
        return (value as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}
