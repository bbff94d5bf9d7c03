/** DynamoDB's errors as the State port's; and how long to wait before another attempt. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionFailed, StateLimitExceeded, StateUnavailable, type Key } from '../core/state.ts';

const attempts = 8;
/** Milliseconds; doubled with each attempt, and cut at random. */
const firstPause = 20;
const longestPause = 1_000;

/** Errors, and reasons of cancelled transactions, that pass by themselves. The SDK retries throttling on its own. */
const transient: ReadonlySet<string | undefined> = new Set([
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

export function isTransient(code: string | undefined): boolean {
  return transient.has(code);
}

/**
 * Waits before another attempt.
 * @param attempt those made before it, from 0
 * @throws StateUnavailable when there have been enough
 */
export async function retrying(attempt: number, cause?: unknown): Promise<void> {
  if (attempt >= attempts) throw new StateUnavailable('the table takes no more for now', { cause });
  await sleep(Math.random() * Math.min(longestPause, firstPause * 2 ** attempt));
}

/** @param key what the call was about */
export function stateError(error: unknown, key: Key = { pk: '', sk: '' }): Error {
  const { name, message } = error as Error;
  switch (name) {
    case 'ConditionalCheckFailedException': {
      const failed = new ConditionFailed(key);
      failed.cause = error;
      return failed;
    }
    case 'ValidationException':
    case 'ItemCollectionSizeLimitExceededException':
      return new StateLimitExceeded(message, { cause: error });
    case 'TransactionCanceledException':
      return /ValidationError|ItemCollectionSizeLimitExceeded/.test(message)
        ? new StateLimitExceeded(message, { cause: error })
        : new StateUnavailable(message, { cause: error });
    case 'TypeError':
      return error as Error;
    default:
      return new StateUnavailable(`DynamoDB failed: ${name}: ${message}`, { cause: error });
  }
}
