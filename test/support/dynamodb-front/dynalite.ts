/** dynalite's store, checks and actions, called in this process. It has no types of its own. */
import { createRequire } from 'node:module';
import type { Item } from '../../../aws/attribute-values.ts';

const load = createRequire(import.meta.url);

type Done<Result> = (error: Error | null | undefined, result?: Result) => void;
export type Input = Record<string, unknown>;

/** An error as DynamoDB sends it. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, more: object = {}, status = 400) {
    super(message);
    this.status = status;
    this.body = { __type: code.includes('#') ? code : `com.amazonaws.dynamodb.v20120810#${code}`, message, ...more };
  }

  /** The error's name: `ConditionalCheckFailedException`. */
  get code(): string {
    return String(this.body['__type']).split('#').at(-1) ?? '';
  }
}

/** @param message as DynamoDB has it */
export function invalid(message: string): Refusal {
  return new Refusal('com.amazon.coral.validate#ValidationException', message);
}

export interface Table {
  readonly TableName: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly { readonly AttributeName: string }[];
    readonly Projection: { readonly ProjectionType: string };
  }[];
}

interface ItemStore {
  lock(key: string, work: (release: <T>(callback: T) => T) => void): void;
  get(key: string, done: Done<Item>): void;
  put(key: string, item: Item, done: Done<void>): void;
  del(key: string, done: Done<void>): void;
}

interface Store {
  readonly options: object;
  readonly db: { close(done: Done<void>): void };
  getTable(name: string, done: Done<Table>): void;
  getItemDb(table: string): ItemStore;
  getIndexDb(type: string, table: string, index: string): Pick<ItemStore, 'put' | 'del'>;
}

interface Checks {
  checkTypes(input: Input, types: object): Input;
  checkValidations(input: Input, types: object, custom: unknown, store: Store): void;
  validateExpressions(input: Input): string | undefined;
}

interface Database {
  create(options: object): Store;
  itemSize(item: Item): number;
  checkConditional(input: Input, item: Item | undefined): Error | null | undefined;
}

/** What a write makes of an item. */
export interface Effect {
  readonly table: Table;
  readonly old?: Item | undefined;
  /** As it is afterwards; none where it is deleted. */
  readonly item?: Item | undefined;
  readonly output: Record<string, unknown>;
}

const database = load('dynalite/db') as Database;
const checks = load('dynalite/validations') as Checks;

export class Dynalite {
  readonly #store = database.create({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });

  /** The input as dynalite's actions take it. @throws Refusal */
  check(operation: string, input: Input): Input {
    let types: object, custom: unknown;
    try {
      ({ types, custom } = load(`dynalite/validations/${fileOf(operation)}`) as { types: object; custom: unknown });
    } catch {
      throw new Refusal('com.amazon.coral.service#UnknownOperationException', operation);
    }
    try {
      const checked = checks.checkTypes({ ...input }, types);
      checks.checkValidations(checked, types, custom, this.#store);
      return checked;
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** Carries out an operation. @param input checked @throws Refusal */
  run(operation: string, input: Input): Promise<Record<string, unknown>> {
    return this.#act(operation, input, this.#store);
  }

  /**
   * What a PutItem, UpdateItem or DeleteItem would do now, without doing it.
   * @param input checked
   * @throws Refusal, the item as it is beside it as `item`
   */
  async effect(operation: string, input: Input): Promise<Effect> {
    const table = await this.table(String(input['TableName']));
    const items = this.#store.getItemDb(table.TableName);
    let old: Item | undefined;
    let item: Item | undefined;
    const nothing = (_key: string, second: unknown, third?: unknown): void => ((third ?? second) as Done<void>)(null);
    const scratch: Store = {
      options: this.#store.options,
      db: this.#store.db,
      getTable: (name, done) => this.#store.getTable(name, done),
      getItemDb: () => ({
        lock: (_key, work) => work((callback) => callback),
        get: (key, done) =>
          items.get(key, (error, found) => {
            old = found;
            done(error, structuredClone(found));
          }),
        put: (_key, put, done) => {
          item = put;
          done(null);
        },
        del: (_key, done) => done(null),
      }),
      getIndexDb: () => ({ put: nothing, del: nothing }),
    };
    try {
      // What is applied is changed on the way: the input stays as it is.
      const output = await this.#act(operation, structuredClone(input), scratch);
      return { table, old, item, output };
    } catch (error) {
      throw Object.assign(asRefusal(error), { item: old });
    }
  }

  /** A ConditionCheck: the item stays as it is. @throws Refusal, the item beside it as `item` */
  async checkCondition(input: Input): Promise<Effect> {
    const { table, old } = await this.effect('DeleteItem', { TableName: input['TableName'], Key: input['Key'] });
    const failed = database.checkConditional(input, old);
    if (failed) throw Object.assign(asRefusal(failed), { item: old });
    return { table, old, item: old, output: {} };
  }

  table(name: string): Promise<Table> {
    return new Promise((resolve, reject) =>
      this.#store.getTable(name, (error, table) => (table ? resolve(table) : reject(asRefusal(error)))),
    );
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#store.db.close(() => resolve()));
  }

  #act(operation: string, input: Input, store: Store): Promise<Record<string, unknown>> {
    const action = load(`dynalite/actions/${fileOf(operation)}`) as (
      store: Store,
      input: Input,
      done: Done<Record<string, unknown>>,
    ) => void;
    return new Promise((resolve, reject) =>
      action(store, input, (error, output) => (error ? reject(asRefusal(error)) : resolve(output ?? {}))),
    );
  }
}

/** Bytes, as DynamoDB counts them for capacity. */
export function sizeOf(item: Item): number {
  return database.itemSize(item);
}

function fileOf(operation: string): string {
  return operation.slice(0, 1).toLowerCase() + operation.slice(1);
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { statusCode, body, message } = error as {
    statusCode?: number;
    body?: { __type: string; message?: string; Message?: string };
    message: string;
  };
  if (statusCode === undefined || body === undefined) throw error;
  return new Refusal(body.__type, body.message ?? body.Message ?? message, {}, statusCode);
}
