/** Single writes of the State port on DynamoDB: PutItem, UpdateItem and DeleteItem. */
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../core/clock.ts';
import { randomIds } from '../core/ids.ts';
import {
  ConditionFailed,
  type Body,
  type Delete,
  type Key,
  type Put,
  type Row,
  type Shaped,
  type Update,
} from '../core/state.ts';
import type { Item } from './attribute-values.ts';
import { outcomeUnknown, write } from './state-attempts.ts';
import { Placeholders, writeCondition } from './state-expressions.ts';
import { attributes, isExpired, keyItem, refuseNewer, toRow, versionOf } from './state-item.ts';
import { anewPut, isConditionMetByAbsentRow, putItem, updateParts } from './state-requests.ts';
import type { StateReads } from './state-reads.ts';

export class StateWrites {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #reads: StateReads;

  constructor(client: DynamoDBClient, table: string, clock: Clock, reads: StateReads) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
    this.#reads = reads;
  }

  async put<T extends Body>(put: Put): Promise<Row<T>> {
    const name = randomIds.uuid();
    const Item = putItem(put, name);
    const input = { TableName: this.#table, Item, ...this.#conditioned(put) };
    const item = await this.#named(put.put, name, put, async () => {
      await this.#client.send(new PutItemCommand(input));
      return Item;
    });
    return toRow<T>(item);
  }

  async update<T extends Body>(update: Update): Promise<Row<T>> {
    const name = randomIds.uuid();
    const now = this.#seconds();
    const input = {
      TableName: this.#table,
      ...updateParts(update, update.events ?? [], name, now),
      ReturnValues: 'ALL_NEW' as const,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
    try {
      const item = await this.#named(
        update.update,
        name,
        update,
        async () => (await this.#client.send(new UpdateItemCommand(input))).Attributes ?? {},
      );
      return toRow<T>(item);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      const found = foundBy(error);
      if (found === undefined || !isExpired(found, now) || !isConditionMetByAbsentRow(update.when)) throw error;
    }
    try {
      return await this.put<T>(anewPut(update));
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // Another writer made the row anew first. The update applies to that row.
      return this.update<T>(update);
    }
  }

  async delete(gone: Delete): Promise<void> {
    const { delete: key } = gone;
    const input = { TableName: this.#table, Key: keyItem(key), ...this.#conditioned(gone) };
    const outcome = write<'gone'>({
      key,
      send: async () => {
        await this.#client.send(new DeleteItemCommand(input));
        return 'gone';
      },
      // Nobody can tell who deleted the row. The caller wanted it to be absent, and it is.
      findOut: async () => ((await this.#reads.item(key)) === undefined ? 'gone' : undefined),
      afterRefusal: (refused) => (foundBy(refused) === undefined ? 'gone' : undefined),
    });
    await this.#refusingNewer(gone, outcome);
  }

  /**
   * Makes a write that stores its own id in the row, so that a retry recognizes it.
   * @returns the item after the write
   */
  async #named(key: Key, name: string, one: Put | Update, send: () => Promise<Item>): Promise<Item> {
    const ours = (item: Item | undefined): Item | undefined =>
      item?.[attributes.write]?.S === name ? item : undefined;
    const outcome = write<Item>({
      key,
      send,
      findOut: async () => ours(await this.#reads.item(key)),
      afterRefusal: (refused) => {
        const found = foundBy(refused);
        if (ours(found) !== undefined) return found;
        // Our write would have made exactly this version; any later write would have made a higher one.
        const next = (one.when?.row === 'absent' ? 0 : one.when?.version) ?? -1;
        if (found === undefined || versionOf(found) <= next + 1) return undefined;
        throw outcomeUnknown(key, refused);
      },
    });
    return this.#refusingNewer(one, outcome);
  }

  /** @throws RowTooNew where a newer shape made the condition fail */
  async #refusingNewer<Result>(one: Shaped, outcome: Promise<Result>): Promise<Result> {
    try {
      return await outcome;
    } catch (error) {
      if (error instanceof ConditionFailed) refuseNewer(foundBy(error), one, this.#seconds());
      throw error;
    }
  }

  #conditioned(one: Put | Delete) {
    const placeholders = new Placeholders();
    const condition = writeCondition(one, placeholders, this.#seconds());
    return {
      ...placeholders.parts,
      ConditionExpression: condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    };
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}

/** The item that DynamoDB returned with a failed condition. */
function foundBy(refused: ConditionFailed): Item | undefined {
  return (refused.cause as { readonly Item?: Item } | undefined)?.Item;
}
