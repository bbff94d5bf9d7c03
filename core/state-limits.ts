/**
 * DynamoDB's limits. Every State enforces them, so that a write that DynamoDB would refuse also fails in local tests.
 * Sizes are counted as DynamoDB counts them, never lower.
 */
import { StateLimitExceeded, type Body, type Check, type Key, type Update, type Write } from './state.ts';

const keyBytes = { pk: 2048, sk: 1024 } as const;
const itemBytes = 400 * 1024;
/** The most rows that a transaction writes or checks. */
export const transactionRows = 100;
const transactionBytes = 4 * 1024 * 1024;
/** The most rows of one {@link State.getMany}. */
export const manyRows = 100;
/** The size at which a page of a query ends. */
export const pageBytes = 1024 * 1024;
const mostLevels = 32;
/** The smallest magnitude of a number other than 0. */
const leastNumber = 1e-130;
const greatestNumber = 9.999e125;

/**
 * Names and values of the attributes that each row has: version, expiry, the id of its last write; without index keys.
 */
const ownBytes = 100;

/** @throws StateLimitExceeded */
export function checkKey(key: Key): void {
  for (const part of ['pk', 'sk'] as const) {
    const text = key[part];
    if (text === '') throw new StateLimitExceeded(`an empty ${part}`);
    // UTF-8 would store a replacement character, which could be the key of another row.
    if (!text.isWellFormed()) throw new StateLimitExceeded(`a ${part} with half a surrogate pair`);
    if (text.length * 3 > keyBytes[part] && Buffer.byteLength(text) > keyBytes[part])
      throw new StateLimitExceeded(`a ${part} of more than ${keyBytes[part]} bytes: ${text.slice(0, 80)}…`);
  }
}

/** The key that a write is about. */
export function keyOf(write: Write | Check | { readonly put: Key } | { readonly delete: Key }): Key {
  if ('put' in write) return write.put;
  if ('update' in write) return write.update;
  if ('delete' in write) return write.delete;
  return write.check;
}

/** A text that is unique for each key. */
export function nameOf({ pk, sk }: Key): string {
  return `${pk.length} ${pk}${sk}`;
}

/**
 * Checks the size of an item.
 * @param eventBytes bytes of the events that travel with it, as JSON
 * @returns the item's bytes
 * @throws StateLimitExceeded
 */
export function checkItem(key: Key, body: Body, indexKeys: Iterable<Key>, eventBytes = 0): number {
  let bytes = ownBytes + textBytes(key.pk) + textBytes(key.sk) + eventBytes;
  for (const index of indexKeys) bytes += textBytes(index.pk) + textBytes(index.sk) + 16;
  return checkItemBytes(key, bytes + bodyBytes(body, key));
}

/** @throws StateLimitExceeded */
export function checkItemBytes(key: Key, bytes: number): number {
  if (bytes > itemBytes)
    throw new StateLimitExceeded(`an item of ${bytes} bytes at ${key.pk} / ${key.sk}: ${itemBytes} are the most`);
  return bytes;
}

/** Checks that no attribute is both added to and set or removed. @throws StateLimitExceeded */
export function checkUpdate({ set = {}, remove = [], add = {} }: Pick<Update, 'set' | 'remove' | 'add'>): void {
  for (const name of Object.keys(add))
    if (Object.hasOwn(set, name) || remove.includes(name))
      throw new StateLimitExceeded(`an update names the attribute ${name} twice`);
}

/** DynamoDB's expiry works only with whole seconds. @throws StateLimitExceeded */
export function checkExpiry(key: Key, expiresAt: number | null | undefined): void {
  if (expiresAt !== undefined && expiresAt !== null && !Number.isSafeInteger(expiresAt))
    throw new StateLimitExceeded(`the expiry ${expiresAt} of ${key.pk} / ${key.sk}`);
}

/** @throws StateLimitExceeded */
export function checkTransaction(writes: readonly (Write | Check)[]): void {
  // Events are stored on a row that the transaction keeps. Where it keeps none, they need a row of their own.
  const ownRow =
    writes.some((write) => 'events' in write && (write.events ?? []).length > 0) &&
    !writes.some((write) => 'put' in write || 'update' in write);
  const rows = writes.length + (ownRow ? 1 : 0);
  if (rows > transactionRows)
    throw new StateLimitExceeded(`a transaction of ${rows} rows: ${transactionRows} are the most`);
  const keys = new Set<string>();
  for (const write of writes) {
    const { pk, sk } = keyOf(write);
    const name = nameOf({ pk, sk });
    if (keys.has(name)) throw new StateLimitExceeded(`a transaction names ${pk} / ${sk} twice`);
    keys.add(name);
  }
}

/** @param bytes of all its items @throws StateLimitExceeded */
export function checkTransactionBytes(bytes: number): void {
  if (bytes > transactionBytes)
    throw new StateLimitExceeded(`a transaction of ${bytes} bytes: ${transactionBytes} are the most`);
}

/** @throws StateLimitExceeded */
export function checkMany(keys: readonly Key[]): void {
  if (keys.length > manyRows) throw new StateLimitExceeded(`${keys.length} rows at once: ${manyRows} are the most`);
  keys.forEach(checkKey);
}

/** The size of a body's members. @throws StateLimitExceeded for what no item can hold */
function bodyBytes(body: Body, key: Key): number {
  const refuse = (what: string): never => {
    throw new StateLimitExceeded(`${what} in the body of ${key.pk} / ${key.sk}`);
  };
  const measure = (value: unknown, level: number): number => {
    switch (typeof value) {
      case 'string':
        return textBytes(value);
      case 'number':
        return numberBytes(value) ?? refuse(`the number ${value}`);
      case 'object':
        break;
      default:
        // JSON leaves the others out.
        return 1;
    }
    if (value === null) return 1;
    if (value instanceof Date) return measure(value.toJSON(), level);
    if (level > mostLevels) refuse(`more than ${mostLevels} levels`);
    let bytes = 3;
    if (Array.isArray(value)) for (const element of value) bytes += 1 + measure(element, level + 1);
    else for (const [name, member] of Object.entries(value)) bytes += 1 + textBytes(name) + measure(member, level + 1);
    return bytes;
  };
  let bytes = 0;
  // In the table a short prefix separates a body's attributes from the row's own.
  for (const [name, value] of Object.entries(body) as [string, unknown][])
    if (value !== undefined) bytes += 2 + textBytes(name) + measure(value, 1);
  return bytes;
}

function textBytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Two digits take a byte; exponent and sign take one each. JSON writes NaN and infinity as null. */
function numberBytes(number: number): number | undefined {
  if (number === 0 || !Number.isFinite(number)) return 1;
  const magnitude = Math.abs(number);
  if (magnitude < leastNumber || magnitude > greatestNumber) return undefined;
  return 2 + Math.ceil(String(magnitude).length / 2);
}
