/** Results of steps and of the whole, as amazon-ssm-agent reports them. Pure. */

export type StepStatus =
  'NotStarted' | 'InProgress' | 'Success' | 'SuccessAndReboot' | 'Failed' | 'Cancelled' | 'TimedOut' | 'Skipped';
export type DocumentStatus = 'InProgress' | 'Success' | 'SuccessAndReboot' | 'Failed' | 'Cancelled' | 'TimedOut';

export interface StepResult {
  readonly status: StepStatus;
  readonly code: number;
  readonly standardOutput: string;
  readonly standardError: string;
  /** For results without output: an error, or why the step was skipped. */
  readonly message?: string | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt?: number | undefined;
  /** `<prefix>/<command>/<node>/<plugin>`, where the whole output was uploaded. */
  readonly uploaded?: { readonly bucket: string; readonly prefix: string; readonly stepName: string } | undefined;
}

/** Any reboot, else any failure, else any time-out, else any cancel; success where all succeeded or were skipped. */
export function documentStatus(results: readonly Pick<StepResult, 'status'>[]): DocumentStatus {
  const has = (status: StepStatus): boolean => results.some((result) => result.status === status);
  if (has('SuccessAndReboot')) return 'SuccessAndReboot';
  if (has('Failed')) return 'Failed';
  if (has('TimedOut')) return 'TimedOut';
  if (has('Cancelled')) return 'Cancelled';
  return results.every(({ status }) => status === 'Success' || status === 'Skipped') ? 'Success' : 'InProgress';
}

/** A step's status from the exit code of its script. */
export function statusOfExit(code: number): StepStatus {
  if (code === 0 || code === exitWithSuccess) return 'Success';
  if (code === rebootRequested) return 'SuccessAndReboot';
  // A script that exits with this code counts as killed by its time-out, as in amazon-ssm-agent.
  if (code === killed) return 'TimedOut';
  return 'Failed';
}

export const exitWithSuccess = 168;
export const exitWithFailure = 169;
export const rebootRequested = 194;
export const killed = 137;

/** `output` of a step: both streams, at most 2,500 characters. */
export function joinedOutput(standardOutput: string, standardError: string, message?: string): string {
  if (standardOutput === '' && standardError === '') return (message ?? '').slice(0, outputLimit);
  if (standardError === '') return cut(standardOutput, outputLimit, outputTruncated);
  const error = cut(standardError, errorShare(standardOutput), errorTruncated);
  const rest = outputLimit - errorHeading.length - error.length;
  return cut(standardOutput, rest, outputTruncated) + errorHeading + error;
}

export const outputLimit = 2_500;
const errorHeading = '\n----------ERROR-------\n';
const outputTruncated = '\n---Output truncated---';
const errorTruncated = '\n---Error truncated----';

/** The second stream may use what the first leaves, and at least half. */
function errorShare(standardOutput: string): number {
  const room = outputLimit - errorHeading.length;
  return Math.max(Math.floor(room / 2), room - standardOutput.length);
}

function cut(text: string, limit: number, mark: string): string {
  return text.length <= limit ? text : text.slice(0, Math.max(0, limit - mark.length)) + mark;
}

export const streamLimit = 24_000;
const streamTruncated = '--output truncated--';

/** One stream as it is reported: at most 24,000 characters; a mark at its end shows that there was more. */
export function reportedStream(text: string, limit = streamLimit): string {
  if (text.length <= limit) return text;
  const end = limit - streamTruncated.length;
  // Does not cut between the two halves of a character.
  const whole = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '') ? end - 1 : end;
  return text.slice(0, Math.max(0, whole)) + streamTruncated;
}

/** The most that the service keeps of the second stream. */
const errorLimit = 8_000;
/** Bytes in a reply that both streams may use, as JSON. */
const roomInReply = 80_000;

/** Whether a reply has a step's exact output: nothing is cut, and all bytes were valid text. */
export function isToldWhole({
  standardOutput,
  standardError,
}: Pick<StepResult, 'standardOutput' | 'standardError'>): boolean {
  if (standardOutput.endsWith(streamTruncated) || standardError.length > errorLimit) return false;
  const text = standardOutput + standardError;
  return !text.includes('\uFFFD') && Buffer.byteLength(JSON.stringify(JSON.stringify(text))) <= roomInReply;
}
