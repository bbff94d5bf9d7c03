/** The State port on one DynamoDB table (stacks/state.ts). */
import {
  BatchWriteItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../core/clock.ts';
import { checkTransaction, keyOf, nameOf } from '../core/state-limits.ts';
import {
  ConditionFailed,
  type Body,
  type Check,
  type Key,
  type Page,
  type Query,
  type Row,
  type Shaped,
  type State,
  type Write,
} from '../core/state.ts';
import type { Item } from './attribute-values.ts';
import { Attempts, repeat, write as writeUntilKnown } from './state-attempts.ts';
import { attributes, isExpired, refuseNewer } from './state-item.ts';
import { StateReads } from './state-reads.ts';
import { batchRequest, isConditionMetByAbsentRow, transaction, type BatchWrite } from './state-requests.ts';
import { StateWrites } from './state-writes.ts';

export interface DynamoStateParts {
  /** From dynamoDBClient(): a client that retries by itself would hide that an answer was lost. */
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}

/** DynamoDB's limit for one call. */
const mostBatched = 25;

/** The write of a transaction whose condition failed, and the item that it found. */
interface Refused {
  readonly position: number;
  readonly found: Item | undefined;
}

export class DynamoState implements State {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #reads: StateReads;
  readonly #writes: StateWrites;

  constructor({ client, table, clock }: DynamoStateParts) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
    this.#reads = new StateReads(client, table, clock);
    this.#writes = new StateWrites(client, table, clock, this.#reads);
  }

  get<T extends Body>(key: Key, known?: Shaped): Promise<Row<T> | undefined> {
    return this.#reads.get<T>(key, known);
  }

  getMany<T extends Body>(keys: readonly Key[], known?: Shaped): Promise<readonly Row<T>[]> {
    return this.#reads.getMany<T>(keys, known);
  }

  query<T extends Body>(query: Query): Promise<Page<T>> {
    return this.#reads.query<T>(query);
  }

  async write<T extends Body>(write: Write): Promise<Row<T> | undefined> {
    if ('put' in write) return this.#writes.put<T>(write);
    if ('update' in write) return this.#writes.update<T>(write);
    // A deleted item cannot carry events. An outbox row carries them, in one transaction with the delete.
    if ((write.events ?? []).length > 0) await this.#transact([write]);
    else await this.#writes.delete(write);
    return undefined;
  }

  async transact(writes: readonly (Write | Check)[]): Promise<void> {
    const [only] = writes;
    if (only === undefined) return;
    if (writes.length === 1 && !('check' in only)) await this.write(only);
    else await this.#transact(writes);
  }

  async batch(writes: readonly BatchWrite[]): Promise<void> {
    // When a row is written twice, the later write counts.
    const byKey = new Map(writes.map((write) => [nameOf(keyOf(write)), batchRequest(write)]));
    let rest = [...byKey.values()];
    let tries = new Attempts();
    while (rest.length > 0) {
      const requests = rest.splice(0, mostBatched);
      const { UnprocessedItems: unwritten = {} } = await repeat(() =>
        this.#client.send(new BatchWriteItemCommand({ RequestItems: { [this.#table]: requests } })),
      );
      const again = unwritten[this.#table] ?? [];
      rest = [...rest, ...again];
      if (again.length === requests.length) await tries.again();
      else tries = new Attempts();
    }
  }

  async #transact(writes: readonly (Write | Check)[]): Promise<void> {
    checkTransaction(writes);
    /** Updates of rows that have expired but are still in the table: these rows are made anew. */
    const anew = new Set<number>();
    const tries = new Attempts();
    for (;;) {
      const refused = await this.#send(writes, anew);
      if (refused === undefined) return;
      const { position, found } = refused;
      const write = writes[position]!;
      if (!('check' in write)) refuseNewer(found, write, this.#seconds());
      const failed = new ConditionFailed(keyOf(write), position);
      // Another writer may have made the row anew first. Then the update applies to that row.
      if (anew.delete(position)) await tries.again(failed);
      else if ('update' in write && found && isExpired(found, this.#seconds()) && isConditionMetByAbsentRow(write.when))
        anew.add(position);
      else throw failed;
    }
  }

  async #send(writes: readonly (Write | Check)[], anew: ReadonlySet<number>): Promise<Refused | undefined> {
    const { input, witness } = transaction(this.#table, writes, anew, this.#clock.now());
    const outcome = await writeUntilKnown<Refused | 'made'>({
      key: keyOf(writes[0]!),
      send: async () => {
        try {
          await this.#client.send(new TransactWriteItemsCommand(input));
          return 'made';
        } catch (error) {
          const refused = error instanceof TransactionCanceledException ? refusedBy(error) : undefined;
          if (refused === undefined) throw error;
          return refused;
        }
      },
      findOut: async () => {
        if (witness === undefined) return undefined;
        const item = await this.#reads.item(witness.key);
        return item?.[attributes.write]?.S === witness.write ? 'made' : undefined;
      },
    });
    return outcome === 'made' ? undefined : outcome;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

function refusedBy({ CancellationReasons: reasons = [] }: TransactionCanceledException): Refused | undefined {
  const index = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
  return index < 0 ? undefined : { position: index, found: reasons[index]?.Item };
}
