/** The implementations of the State port, each as a test opens it. */
import { DeleteTableCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { DynamoState } from '../../aws/dynamodb-state.ts';
import { eventsOf } from '../../aws/state-item.ts';
import type { ManualClock } from '../../core/clock.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { State } from '../../core/state.ts';
import { createTable, dynamoClient, hasMoto, startDynamoFront, startMoto, type Endpoint } from './dynamodb.ts';
import { temporaryState } from './state.ts';

/** An implementation at work. */
export interface StateSubject {
  readonly state: State;
  /** The events that wait to be published, in no order. */
  pendingEvents(): Promise<OutgoingEvent[]>;
  readonly close: () => Promise<void>;
}

export interface StateImplementation {
  readonly name: string;
  readonly skip?: string | false;
  /** moto_server compares as Python does: 0 is false, 1 is true. */
  readonly zeroIsFalse?: boolean;
  /** moto_server's threads overtake each other within one write: no stand-in for what happens at once. */
  readonly threaded?: boolean;
  readonly open: (clock: ManualClock) => Promise<StateSubject>;
}

/** Says what is left out, and why. */
export function titleOf({ name, skip, threaded }: StateImplementation): string {
  if (skip) return `${name} (skipped: ${skip})`;
  return threaded ? `${name} (its threads race)` : name;
}

const dynamo = (
  name: string,
  start: () => Promise<Endpoint>,
  options: Pick<StateImplementation, 'threaded' | 'zeroIsFalse' | 'skip'>,
): StateImplementation => ({
  name,
  ...options,
  open: async (clock) => {
    const endpoint = await start();
    const client = dynamoClient(endpoint);
    const table = `flotilla-${process.pid}-${Date.now()}`;
    await createTable(client, table);
    return {
      state: new DynamoState({ client, table, clock }),
      pendingEvents: async () => {
        const events: OutgoingEvent[] = [];
        for await (const page of paginateScan({ client }, { TableName: table }))
          events.push(...(page.Items ?? []).flatMap(eventsOf));
        return events;
      },
      close: async () => {
        // An endpoint that outlives the test keeps nothing of it.
        await client.send(new DeleteTableCommand({ TableName: table }));
        client.destroy();
        await endpoint.stop();
      },
    };
  },
});

const named = process.env.FLOTILLA_TEST_DYNAMODB;
export const stateImplementations: readonly StateImplementation[] = [
  {
    name: 'SQLite',
    open: async (clock) => {
      const temporary = temporaryState(clock);
      const { state } = temporary;
      return {
        state,
        close: () => temporary.close(),
        pendingEvents: async () => (await state.readChanges(0, 1000)).map(({ event }) => event),
      };
    },
  },
  dynamo('DynamoDB', startDynamoFront, {}),
  dynamo('moto_server', startMoto, {
    threaded: true,
    zeroIsFalse: true,
    skip: !hasMoto && 'moto_server is not installed',
  }),
  dynamo('FLOTILLA_TEST_DYNAMODB', async () => ({ url: named ?? '', stop: async () => undefined }), {
    skip: named === undefined && 'the variable is not set',
  }),
];
