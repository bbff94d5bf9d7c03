/** Where a step's full output lies, and how times are written. Pure. */
import type { StepBody } from './store.ts';

/**
 * The URL of a stream's object, empty where no bucket was named. The node names bucket, prefix and step in
 * its report, as it uploaded them.
 */
export function outputUrl(filesEndpoint: string, step: StepBody | undefined, stream: 'stdout' | 'stderr'): string {
  if (step === undefined || step.s3Bucket === '') return '';
  return `${filesEndpoint}/${[step.s3Bucket, step.s3Prefix, step.s3StepName || step.name, stream].join('/')}`;
}

/** ISO 8601, or empty for what has not happened: as GetCommandInvocation writes times. */
export function isoTime(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : new Date(milliseconds).toISOString();
}

/** An ISO 8601 duration in seconds: `PT0.004S`. Empty until both ends are known. */
export function isoDuration(from: number | undefined, to: number | undefined): string {
  if (from === undefined || to === undefined) return '';
  return `PT${Math.max(0, to - from) / 1000}S`;
}
