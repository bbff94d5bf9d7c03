/**
 * DynamoDB's operations over dynalite, with what dynalite lacks: transactions, the item beside a condition that
 * failed, the limit of nesting, conflicts, and a count of write units.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Item } from '../../../aws/attribute-values.ts';
import { Dynalite, invalid, Refusal, type Effect, type Input } from './dynalite.ts';
import { checkNesting } from './nesting.ts';
import { cancelled, effectsOf, nameOf, readEntries } from './transactions.ts';
import { writeUnits, type WriteUnits } from './write-units.ts';

/** A write that has been made. */
export interface Written extends WriteUnits {
  readonly operation: string;
  /** The table's key. */
  readonly key: Item;
}

interface Remembered {
  readonly input: Input;
  readonly at: number;
  output?: object;
}

/** Milliseconds for which DynamoDB knows a ClientRequestToken again. */
const tokenLasts = 10 * 60_000;

const single: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

export class DynamoFront {
  readonly #dynalite = new Dynalite();
  /** Items that somebody writes just now. */
  readonly #held = new Map<string, { readonly byTransaction: boolean; readonly done: Promise<void> }>();
  readonly #tokens = new Map<string, Remembered>();
  /** Every write, oldest first. Tests empty it. */
  readonly written: Written[] = [];

  /** @returns what the operation answers @throws Refusal */
  async run(operation: string, input: Input): Promise<object> {
    if (operation === 'TransactWriteItems') return this.#transactWrite(input);
    if (operation === 'TransactGetItems') return this.#transactGet(input);
    if (single.has(operation)) return this.#write(operation, input);
    if (operation === 'BatchWriteItem') return this.#batch(input);
    return this.#dynalite.run(operation, this.#dynalite.check(operation, input));
  }

  close(): Promise<void> {
    return this.#dynalite.close();
  }

  async #write(operation: string, given: Input): Promise<object> {
    checkNesting(given['Item'] as Input);
    checkNesting(given['ExpressionAttributeValues'] as Input);
    const input = this.#dynalite.check(operation, given);
    const name = await this.#nameOf(input['TableName'], input['Item'] ?? input['Key']);
    for (let held = this.#held.get(name); held !== undefined; held = this.#held.get(name)) {
      if (held.byTransaction) throw new Refusal('TransactionConflictException', 'Transaction is ongoing for the item');
      await held.done;
    }
    return this.#holding([name], false, async () => {
      try {
        const effect = await this.#dynalite.effect(operation, input);
        await this.#make(operation, effect, input);
        return effect.output;
      } catch (error) {
        const { item } = error as { readonly item?: Item };
        if (
          error instanceof Refusal &&
          error.code === 'ConditionalCheckFailedException' &&
          given['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD' &&
          item !== undefined
        )
          throw new Refusal(error.code, error.message, { Item: item });
        throw error;
      }
    });
  }

  async #transactWrite({ TransactItems, ClientRequestToken: token }: Input): Promise<object> {
    const entries = await readEntries(this.#dynalite, TransactItems);
    const known = typeof token === 'string' ? this.#remembered(token, { TransactItems }) : undefined;
    if (known !== undefined) return known;
    const held = entries.map(({ name }) => this.#held.has(name));
    if (held.includes(true)) {
      if (typeof token === 'string') this.#tokens.delete(token);
      throw cancelled(held.map((is) => ({ Code: is ? 'TransactionConflict' : 'None' })));
    }
    try {
      return await this.#holding(
        entries.map(({ name }) => name),
        true,
        async () => {
          const effects = await effectsOf(this.#dynalite, entries);
          for (const [place, effect] of effects.entries())
            await this.#make('TransactWriteItems', effect, entries[place]!.input);
          if (typeof token === 'string') this.#tokens.get(token)!.output = {};
          return {};
        },
      );
    } catch (error) {
      if (typeof token === 'string') this.#tokens.delete(token);
      throw error;
    }
  }

  /** The answer to a token that was used before; remembers one that was not. @throws Refusal */
  #remembered(token: string, input: Input): object | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined || Date.now() - known.at > tokenLasts) {
      this.#tokens.set(token, { input, at: Date.now() });
      return undefined;
    }
    if (!isDeepStrictEqual(known.input, input))
      throw new Refusal(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request.',
      );
    if (known.output === undefined)
      throw new Refusal(
        'TransactionInProgressException',
        'The transaction with the given request token is in progress',
      );
    return known.output;
  }

  async #transactGet({ TransactItems }: Input): Promise<object> {
    const items = Array.isArray(TransactItems) ? (TransactItems as { readonly Get: Input }[]) : [];
    if (items.length === 0 || items.length > 100) throw invalid("Value at 'transactItems' has a wrong length");
    const inputs = items.map(({ Get }) => this.#dynalite.check('GetItem', { ...Get, ConsistentRead: true }));
    const names = await Promise.all(inputs.map(({ TableName, Key }) => this.#nameOf(TableName, Key)));
    if (new Set(names).size < names.length)
      throw invalid('Transaction request cannot include multiple operations on one item');
    const held = names.map((name) => this.#held.has(name));
    if (held.includes(true)) throw cancelled(held.map((is) => ({ Code: is ? 'TransactionConflict' : 'None' })));
    return this.#holding(names, true, async () => ({
      Responses: await Promise.all(
        inputs.map(async (input) => {
          const { Item: found } = await this.#dynalite.run('GetItem', input);
          return found === undefined ? {} : { Item: found };
        }),
      ),
    }));
  }

  /** Rows that a transaction holds come back unprocessed. */
  async #batch(given: Input): Promise<object> {
    type Requests = Record<string, { readonly PutRequest?: Input; readonly DeleteRequest?: Input }[]>;
    const input = this.#dynalite.check('BatchWriteItem', given);
    const asked: { readonly table: string; readonly request: Requests[string][number]; readonly name: string }[] = [];
    for (const [table, requests] of Object.entries(input['RequestItems'] as Requests))
      for (const request of requests) {
        checkNesting(request.PutRequest?.['Item'] as Input);
        const name = await this.#nameOf(table, request.PutRequest?.['Item'] ?? request.DeleteRequest?.['Key']);
        asked.push({ table, request, name });
      }
    if (new Set(asked.map(({ name }) => name)).size < asked.length)
      throw invalid('Provided list of item keys contains duplicates');
    const unprocessed: Requests = {};
    const free = asked.filter(({ table, request, name }) => {
      if (!this.#held.has(name)) return true;
      (unprocessed[table] ??= []).push(request);
      return false;
    });
    const work = free.map(({ table, request: { PutRequest: put, DeleteRequest: gone }, name }) => ({
      operation: put ? 'PutItem' : 'DeleteItem',
      input: { TableName: table, ...(put ?? gone) },
      name,
    }));
    await Promise.all(
      work.map(({ operation, input: one, name }) =>
        this.#holding([name], false, async () =>
          this.#make('BatchWriteItem', await this.#dynalite.effect(operation, one), one),
        ),
      ),
    );
    return { UnprocessedItems: unprocessed };
  }

  /** Does what a write would do, and counts it. */
  async #make(operation: string, effect: Effect, input: Input): Promise<void> {
    const { table, item } = effect;
    checkNesting(item);
    const attributes = (item ?? input['Key']) as Item;
    const key = Object.fromEntries(table.KeySchema.map(({ AttributeName: name }) => [name, attributes[name]!]));
    const TableName = table.TableName;
    // A check leaves its item as it is, and costs what a write costs.
    if (item === undefined) await this.#dynalite.run('DeleteItem', { TableName, Key: key });
    else if (item !== effect.old) await this.#dynalite.run('PutItem', { TableName, Item: item });
    this.written.push({ operation, key, ...writeUnits(effect, operation === 'TransactWriteItems') });
  }

  async #nameOf(table: unknown, attributes: unknown): Promise<string> {
    return nameOf(await this.#dynalite.table(String(table)), attributes);
  }

  async #holding<T>(names: readonly string[], byTransaction: boolean, work: () => Promise<T>): Promise<T> {
    const { promise: done, resolve } = Promise.withResolvers<void>();
    for (const name of names) this.#held.set(name, { byTransaction, done });
    try {
      return await work();
    } finally {
      for (const name of names) this.#held.delete(name);
      resolve();
    }
  }
}
