/** Turns DynamoDB's errors into the State port's, and says what each means for the call that failed. Pure. */
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { ConditionFailed, StateLimitExceeded, StateUnavailable, type Key } from '../core/state.ts';

/** Errors, and reasons of cancelled transactions, that a retry can overcome. */
const transient: ReadonlySet<string | undefined> = new Set([
  'TransactionConflict',
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingError',
  'ThrottlingException',
  'ProvisionedThroughputExceeded',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
]);

/** Network errors that occur before anything is sent. */
const notSent: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What a failed call leaves: `refused` and `passing` wrote nothing, `unknown` may have written. */
export type Failure = 'refused' | 'passing' | 'unknown';

export function failureOf(error: unknown): Failure {
  const {
    name,
    code,
    $metadata: { httpStatusCode: status } = {},
  } = error as { name?: string; code?: string; $metadata?: { httpStatusCode?: number } };
  // A fault in our code, before the call.
  if (error instanceof StateLimitExceeded || error instanceof TypeError) return 'refused';
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    return !codes.includes('ConditionalCheckFailed') && codes.some(isTransient) ? 'passing' : 'refused';
  }
  if (isTransient(name)) return 'passing';
  if (status !== undefined) return status >= 500 ? 'unknown' : 'refused';
  if (notSent.has(code)) return 'passing';
  // The SDK calls both kinds TimeoutError, without a code.
  if (name === 'TimeoutError' && /did not establish a connection/.test((error as Error).message)) return 'passing';
  if (name === 'CredentialsProviderError') return 'refused';
  return 'unknown';
}

/** @param code of an error, or the reason of a cancelled transaction */
function isTransient(code: string | undefined): boolean {
  return transient.has(code);
}

/** @param key what the call was about */
export function stateError(error: unknown, key: Key = { pk: '', sk: '' }): Error {
  if (error instanceof StateLimitExceeded) return error;
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
