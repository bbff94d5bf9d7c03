/** What an agent's reports say of a step's output. Pure. */
import { isStepOver } from './states.ts';
import type { StepBody } from './store.ts';

/** What agents put behind a stream that they cut. */
const truncated = '--output truncated--';
/** Characters of the second stream that are kept (reply.ts); the first carries the agent's own mark. */
const standardErrorLimit = 8_000;

/** The stream as far as it was reported, without the mark that it was cut. */
export function reportedText(
  step: Pick<StepBody, 'standardOutput' | 'standardError'>,
  stream: 'stdout' | 'stderr',
): string {
  const text = stream === 'stdout' ? step.standardOutput : step.standardError;
  return text.endsWith(truncated) ? text.slice(0, -truncated.length) : text;
}

/** Whether that is all that the stream has so far. */
export function isUncut(
  step: Pick<StepBody, 'standardOutput' | 'standardError'>,
  stream: 'stdout' | 'stderr',
): boolean {
  return stream === 'stdout'
    ? !step.standardOutput.endsWith(truncated)
    : step.standardError.length < standardErrorLimit && !step.standardError.endsWith(truncated);
}

/** Whether the report has all that there ever will be. */
export function isReportedWhole(
  step: Pick<StepBody, 'state' | 'standardOutput' | 'standardError'>,
  stream: 'stdout' | 'stderr',
): boolean {
  return isStepOver(step.state) && isUncut(step, stream);
}
