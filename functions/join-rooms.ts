/** Joins the rooms' manifests into the tables that the doors use. */
import type { AgentOperations } from '../core/agent-operations.ts';
import type { Context } from '../core/context.ts';
import type { Extensions } from '../core/extensions.ts';
import type { RenderMessage } from '../core/node-message.ts';
import type { OwnedDocument } from '../core/owned-documents.ts';
import type { TimerHandler } from '../core/timers.ts';
import type { Room, ServiceOperations } from './room.ts';

/** Everything that is registered. */
export interface Registry {
  readonly operations: ServiceOperations;
  readonly agentOperations: AgentOperations;
  readonly extensions: Extensions;
  readonly timers: Readonly<Record<string, TimerHandler<never>>>;
  readonly messages: Readonly<Record<string, RenderMessage>>;
  readonly ownedDocuments: readonly OwnedDocument[];
  readonly onStart: readonly ((context: Context) => Promise<void>)[];
}

/**
 * @throws Error when two rooms claim one name; the message names both rooms
 */
export function joinRooms(rooms: readonly Room[]): Registry {
  const services = [...new Set(rooms.flatMap((room) => Object.keys(room.operations ?? {})))];
  return {
    operations: Object.fromEntries(
      services.map((service) => [
        service,
        join(rooms, `operation of ${service}`, ({ operations }) => operations?.[service as keyof ServiceOperations]),
      ]),
    ),
    agentOperations: join(rooms, 'agent operation', ({ agentOperations }) => ({ ...agentOperations })),
    extensions: join(rooms, 'extension', (room) => room.extensions),
    timers: join(rooms, 'kind of timer', (room) => room.timers),
    messages: join(rooms, 'kind of message', (room) => room.messages),
    ownedDocuments: Object.values(
      join(rooms, 'document', ({ ownedDocuments = [] }) =>
        Object.fromEntries(ownedDocuments.map((document) => [document.name, document])),
      ),
    ),
    onStart: rooms.flatMap(({ onStart = [] }) => onStart),
  };
}

/** One kind of what rooms give, by name. @param what one of them, for the error's message */
function join<Value>(
  rooms: readonly Room[],
  what: string,
  of: (room: Room) => Readonly<Record<string, Value>> | undefined,
): Readonly<Record<string, Value>> {
  const joined = new Map<string, { readonly value: Value; readonly room: string }>();
  for (const room of rooms)
    for (const [name, value] of Object.entries(of(room) ?? {})) {
      const other = joined.get(name);
      if (other !== undefined) throw new Error(`two rooms claim the ${what} ${name}: ${other.room} and ${room.name}`);
      joined.set(name, { value, room: room.name });
    }
  return Object.fromEntries([...joined].map(([name, { value }]) => [name, value]));
}
