/**
 * How keys of rows hold numbers, and how rows are spread over partitions. Keys are compared byte by byte: a number has
 * leading zeros, so that the order of keys is the order of numbers. Rows with these keys exist: nothing here may change
 * what it returns.
 */

/** Digits of a moment in epoch milliseconds: enough until the year 33658. */
const timeDigits = 15;

/**
 * A moment, in a key.
 * @param milliseconds epoch milliseconds, 0 or later
 * @example { pk: timerPartition(shard), sk: `${paddedTime(due)}#${id}` }
 */
export function paddedTime(milliseconds: number): string {
  return padded(milliseconds, timeDigits);
}

/**
 * A number from 0 on, in a key.
 * @param digits more than any number of the kind has
 * @example { pk: versionsPartition(id), sk: `VERSION#${padded(version, 10)}` }
 */
export function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

/**
 * The partition, of so many, that an id's rows lie in. For ids of any form: it is the remainder of their hash.
 * @returns 0 to shards − 1
 * @example outboxPartition(shardOf(eventId, outboxShards))
 */
export function shardOf(id: string, shards: number): number {
  let hash = 0;
  for (let at = 0; at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) | 0;
  return (hash >>> 0) % shards;
}

/**
 * The partition, of 16, that an id's rows lie in, for ids that end in random hexadecimal digits: of nodes, of commands.
 * @returns what the last digit stands for; 0 where it is none
 */
export function lastDigitShardOf(id: string): number {
  return Number.parseInt(id.slice(-1), 16) || 0;
}
