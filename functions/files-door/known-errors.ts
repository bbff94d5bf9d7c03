/** Converts errors of the store and of the system to S3's errors. */
import { FilePreconditionFailed, NoSuchBucket } from '../../core/files.ts';
import { StateUnavailable } from '../../core/state.ts';
import { noSuchBucket, preconditionFailed, S3Error, serviceUnavailable } from './errors.ts';
import { BucketNotEmpty } from './object-store.ts';

/** `undefined`: a fault of ours. */
export function asS3Error(error: unknown): S3Error | undefined {
  if (error instanceof S3Error) return error;
  if (error instanceof NoSuchBucket) return noSuchBucket();
  if (error instanceof FilePreconditionFailed) return preconditionFailed();
  if (error instanceof BucketNotEmpty)
    return new S3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty');
  if (
    error instanceof StateUnavailable ||
    ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')
  )
    return serviceUnavailable();
  // The client has disconnected, so nobody reads this answer.
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
    return new S3Error(
      'RequestTimeout',
      400,
      'Your socket connection to the server was not read from or written to within the timeout period.',
    );
  return undefined;
}
