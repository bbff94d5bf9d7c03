/** The State port on one DynamoDB table (stacks/state.ts). */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../core/clock.ts';
import { randomIds } from '../core/ids.ts';
import { decodeCursor, encodeCursor } from '../core/state-cursor.ts';
import { checkMany, checkTransaction, keyOf, nameOf } from '../core/state-limits.ts';
import {
  ConditionFailed,
  type Body,
  type Check,
  type Delete,
  type Key,
  type Page,
  type Put,
  type Query,
  type Row,
  type State,
  type Update,
  type Write,
} from '../core/state.ts';
import type { Item } from './attribute-values.ts';
import { isTransient, retrying, stateError } from './state-errors.ts';
import { conditionExpression, Placeholders } from './state-expressions.ts';
import { attributes, isExpired, keyItem, toRow, toRowItem } from './state-item.ts';
import {
  anewPut,
  batchRequest,
  holdsOfAbsent,
  putItem,
  transactItems,
  updateParts,
  type BatchWrite,
} from './state-requests.ts';
import { isEmptyRange, positionOf, queryParts, startKey } from './state-query.ts';

export interface DynamoStateParts {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly clock: Clock;
}

/** DynamoDB's limit of one call. */
const mostBatched = 25;

export class DynamoState implements State {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;

  constructor({ client, table, clock }: DynamoStateParts) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  async get<T extends Body>(key: Key): Promise<Row<T> | undefined> {
    const item = await this.#item(key);
    return item === undefined || isExpired(item, this.#seconds()) ? undefined : toRow<T>(item);
  }

  async getMany<T extends Body>(keys: readonly Key[]): Promise<readonly Row<T>[]> {
    checkMany(keys);
    const wanted = new Map(keys.map((key) => [nameOf(key), keyItem(key)]));
    const now = this.#seconds();
    const rows: Row<T>[] = [];
    let rest = [...wanted.values()];
    for (let attempt = 0; rest.length > 0; attempt++) {
      const request = { RequestItems: { [this.#table]: { Keys: rest, ConsistentRead: true } } };
      const { Responses: found = {}, UnprocessedKeys: unread = {} } = await this.#run(
        () => this.#client.send(new BatchGetItemCommand(request)),
        keys[0],
      );
      rows.push(...(found[this.#table] ?? []).filter((item) => !isExpired(item, now)).map((item) => toRow<T>(item)));
      rest = unread[this.#table]?.Keys ?? [];
      if (rest.length > 0) await retrying(attempt);
    }
    return rows;
  }

  async query<T extends Body>(query: Query): Promise<Page<T>> {
    const after = decodeCursor(query);
    if (isEmptyRange(query)) return { rows: [] };
    const now = this.#seconds();
    const parts = queryParts(query);
    const rows: Row<T>[] = [];
    let last: Item | undefined = after && startKey(after, query.index);
    // A page may hold expired rows only: then the next one is the first to count. One that DynamoDB ended before
    // the limit has its 1 MB.
    let full = false;
    do {
      const rest = query.limit === undefined ? undefined : query.limit - rows.length;
      const start = last;
      const {
        Items: items = [],
        ScannedCount: read = items.length,
        LastEvaluatedKey: next,
      } = await this.#run(
        () =>
          this.#client.send(
            new QueryCommand({ TableName: this.#table, ...parts, Limit: rest, ExclusiveStartKey: start }),
          ),
        { pk: query.pk, sk: '' },
      );
      rows.push(...items.filter((item) => !isExpired(item, now)).map((item) => toRow<T>(item)));
      last = next;
      full = rows.length > 0 && (rest === undefined || read < rest);
    } while (last !== undefined && !full && rows.length < (query.limit ?? Infinity));
    return { rows, ...(last === undefined ? {} : { next: encodeCursor(positionOf(last, query.index)) }) };
  }

  async write<T extends Body>(write: Write): Promise<Row<T> | undefined> {
    if ('put' in write) return this.#put<T>(write);
    if ('update' in write) return this.#update<T>(write);
    // A deleted item carries no events: an outbox row does, in one transaction.
    if ((write.events ?? []).length > 0) await this.transact([write]);
    else await this.#delete(write);
    return undefined;
  }

  async transact(writes: readonly (Write | Check)[]): Promise<void> {
    if (writes.length === 0) return;
    checkTransaction(writes);
    const now = this.#seconds();
    /** Updates of rows that have expired and are still in the table: made anew. */
    const anew = new Set<number>();
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#client.send(
          new TransactWriteItemsCommand({ TransactItems: transactItems(this.#table, writes, anew, this.#clock.now()) }),
        );
        return;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw stateError(error, keyOf(writes[0]!));
        const reasons = error.CancellationReasons ?? [];
        const place = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
        if (place >= 0 && place < writes.length) {
          const write = writes[place]!;
          const found = reasons[place]?.Item;
          const expired =
            'update' in write && found !== undefined && isExpired(found, now) && holdsOfAbsent(write.when);
          // Somebody may have made the row anew first: it is theirs that is updated.
          if (anew.delete(place)) await retrying(attempt, error);
          else if (expired) anew.add(place);
          else throw new ConditionFailed(keyOf(write), place);
        } else if (reasons.some(({ Code }) => isTransient(Code))) await retrying(attempt, error);
        else throw stateError(error, keyOf(writes[0]!));
      }
    }
  }

  async batch(writes: readonly BatchWrite[]): Promise<void> {
    // Two writes of one row: the later one counts, as it would one after the other.
    const byKey = new Map(writes.map((write) => [nameOf(keyOf(write)), batchRequest(write)]));
    let rest = [...byKey.values()];
    for (let attempt = 0; rest.length > 0; attempt++) {
      const requests = rest.splice(0, mostBatched);
      const { UnprocessedItems: unwritten = {} } = await this.#run(() =>
        this.#client.send(new BatchWriteItemCommand({ RequestItems: { [this.#table]: requests } })),
      );
      const again = unwritten[this.#table] ?? [];
      rest = [...rest, ...again];
      if (again.length > 0) await retrying(attempt);
      else attempt = -1;
    }
  }

  /** The item, whether it has expired or not. */
  async #item(key: Key): Promise<Item | undefined> {
    return (
      await this.#run(
        () =>
          this.#client.send(new GetItemCommand({ TableName: this.#table, Key: keyItem(key), ConsistentRead: true })),
        key,
      )
    ).Item;
  }

  async #put<T extends Body>(put: Put): Promise<Row<T>> {
    const write = randomIds.uuid();
    const placeholders = new Placeholders();
    const condition = conditionExpression(put.when, placeholders, this.#seconds());
    const item = putItem(put, write);
    await this.#conditionally(put.put, write, () =>
      this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: item,
          ...placeholders.parts,
          ...(condition === undefined
            ? {}
            : { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        }),
      ),
    );
    return toRow<T>(item);
  }

  async #update<T extends Body>(update: Update): Promise<Row<T>> {
    const write = randomIds.uuid();
    const now = this.#seconds();
    const parts = updateParts(update, update.events ?? [], write, now);
    const result = await this.#conditionally(
      update.update,
      write,
      () =>
        this.#client.send(
          new UpdateItemCommand({
            TableName: this.#table,
            ...parts,
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      async (told) => {
        const found = told ?? (await this.#item(update.update));
        if (found === undefined || !isExpired(found, now) || !holdsOfAbsent(update.when)) return undefined;
        try {
          return { Attributes: toRowItem(await this.#put(anewPut(update))) };
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          // Somebody made the row anew first: it is theirs that is updated.
          return { Attributes: toRowItem(await this.#update(update)) };
        }
      },
    );
    return toRow<T>(result?.Attributes ?? {});
  }

  async #delete(write: Delete): Promise<void> {
    const placeholders = new Placeholders();
    const condition = conditionExpression(write.when, placeholders, this.#seconds());
    await this.#conditionally(write.delete, undefined, () =>
      this.#client.send(
        new DeleteItemCommand({
          TableName: this.#table,
          Key: keyItem(write.delete),
          ...placeholders.parts,
          ...(condition === undefined ? {} : { ConditionExpression: condition }),
        }),
      ),
    );
  }

  /**
   * Sends one write. The SDK sends it again when an answer is lost: a condition that fails because the first
   * one went through is no failure.
   * @param write the name that the item has when it is this write's
   * @param otherwise another way, given the row as it was found
   */
  async #conditionally<Result extends { readonly Attributes?: Item | undefined }>(
    key: Key,
    write: string | undefined,
    send: () => Promise<Result>,
    otherwise: (found: Item | undefined) => Promise<{ readonly Attributes?: Item } | undefined> = async () => undefined,
  ): Promise<{ readonly Attributes?: Item | undefined }> {
    try {
      return await this.#run(send, key);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const found = (error.cause as { readonly Item?: Item } | undefined)?.Item;
      if (write !== undefined && found?.[attributes.write]?.S === write) return { Attributes: found };
      const result = await otherwise(found);
      if (result === undefined) throw error;
      return result;
    }
  }

  /** Runs a call, again while rows are held by somebody's transaction. @throws the State port's errors */
  async #run<Result>(send: () => Promise<Result>, key?: Key): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await send();
      } catch (error) {
        if (!isTransient((error as Error).name)) throw stateError(error, key);
        await retrying(attempt, error);
      }
    }
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
