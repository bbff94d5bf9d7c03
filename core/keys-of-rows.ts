/**
 * How the keys of rows write numbers, and how rows are spread over partitions. Keys are compared byte by byte, so
 * numbers get leading zeros to sort correctly. Existing rows have these keys: what these functions return must never
 * change.
 */

/** Digits for a time in epoch milliseconds: enough until the year 33658. */
const timeDigits = 15;

/**
 * A time, as text for a key.
 * @param milliseconds epoch milliseconds, 0 or later
 * @example { pk: timerPartition(shard), sk: `${paddedTime(due)}#${id}` }
 */
export function paddedTime(milliseconds: number): string {
  return padded(milliseconds, timeDigits);
}

/**
 * A number of at least 0, as text for a key.
 * @param digits as many as the largest number of this kind has
 * @example { pk: versionsPartition(id), sk: `VERSION#${padded(version, 10)}` }
 */
export function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}

/**
 * Which of `shards` partitions holds an id's rows: the remainder of the id's hash. For ids of any form.
 * @returns 0 to shards − 1
 * @example outboxPartition(shardOf(eventId, outboxShards))
 */
export function shardOf(id: string, shards: number): number {
  let hash = 0;
  for (let at = 0; at < id.length; at++) hash = (hash * 31 + id.charCodeAt(at)) | 0;
  return (hash >>> 0) % shards;
}

/**
 * Which of 16 partitions holds an id's rows, for ids that end in random hexadecimal digits: nodes, commands.
 * @returns the value of the last digit; 0 where it is no hexadecimal digit
 */
export function lastDigitShardOf(id: string): number {
  return Number.parseInt(id.slice(-1), 16) || 0;
}
