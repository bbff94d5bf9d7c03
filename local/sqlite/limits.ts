/** DynamoDB's limits, kept here too: what this machine would bear and AWS would refuse must fail in the first test. */
import { StateLimitExceeded, type Check, type Key, type Write } from '../../core/state.ts';

const keyBytes = { pk: 2048, sk: 1024 } as const;
export const itemBytes = 400 * 1024;
export const transactionRows = 100;
export const transactionBytes = 4 * 1024 * 1024;
export const pageBytes = 1024 * 1024;

/** @throws StateLimitExceeded */
export function checkKey(key: Key): void {
  for (const part of ['pk', 'sk'] as const) {
    const text = key[part];
    if (text === '') throw new StateLimitExceeded(`an empty ${part}`);
    // SQLite would keep a replacement character, and find another row's key in it.
    if (!text.isWellFormed()) throw new StateLimitExceeded(`a ${part} with half a surrogate pair`);
    if (text.length * 3 > keyBytes[part] && Buffer.byteLength(text) > keyBytes[part]) throw new StateLimitExceeded(`a ${part} of more than ${keyBytes[part]} bytes: ${text.slice(0, 80)}…`);
  }
}

/** @throws StateLimitExceeded */
export function checkItem(key: Key, bodyText: string): void {
  if (bodyText.length * 3 > itemBytes && Buffer.byteLength(bodyText) + key.pk.length + key.sk.length > itemBytes)
    throw new StateLimitExceeded(`an item of more than ${itemBytes} bytes at ${key.pk} / ${key.sk}`);
}

/** The key that a write is about. */
export function keyOf(write: Write | Check): Key {
  if ('put' in write) return write.put;
  if ('update' in write) return write.update;
  if ('delete' in write) return write.delete;
  return write.check;
}

/** @throws StateLimitExceeded */
export function checkTransaction(writes: readonly (Write | Check)[]): void {
  if (writes.length > transactionRows) throw new StateLimitExceeded(`a transaction of ${writes.length} rows: ${transactionRows} are the most`);
  const keys = new Set<string>();
  for (const write of writes) {
    const { pk, sk } = keyOf(write);
    const name = `${pk}\0${sk}`;
    if (keys.has(name)) throw new StateLimitExceeded(`a transaction names ${pk} / ${sk} twice`);
    keys.add(name);
  }
}
