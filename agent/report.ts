/** The payload of a reply (docs/agent.md). The gateway reads the same from both agents. Pure. */
import { joinedOutput, outputLimit, type DocumentStatus, type StepResult } from './result.ts';

export interface Reporter {
  readonly agentVersion: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface ReportedStep {
  readonly name: string;
  readonly action: string;
  readonly result: StepResult;
}

/**
 * Builds the payload.
 * @param steps the steps to report; none for the first reply
 * @param all every result so far, for the counts
 */
export function report(
  status: DocumentStatus,
  steps: readonly ReportedStep[] | null,
  all: readonly StepResult[],
  reporter: Reporter,
  trace = '',
): object {
  const counts: Record<string, number> = {};
  for (const { status: one } of all) counts[one] = (counts[one] ?? 0) + 1;
  return {
    additionalInfo: {
      agent: { lang: 'en-US', name: 'flotilla-agent', os: 'linux', osver: '1', ver: reporter.agentVersion },
      dateTime: new Date(reporter.now).toISOString(),
      runId: '',
      runtimeStatusCounts: all.length === 0 ? null : counts,
    },
    documentStatus: status,
    documentTraceOutput: trace.slice(0, outputLimit),
    runtimeStatus:
      steps === null
        ? null
        : Object.fromEntries(steps.map(({ name, action, result }) => [name, runtimeStatus(action, result)])),
  };
}

function runtimeStatus(action: string, result: StepResult): object {
  return {
    status: result.status,
    code: result.code,
    name: action,
    output: joinedOutput(result.standardOutput, result.standardError, result.message),
    startDateTime: new Date(result.startedAt).toISOString(),
    endDateTime: result.finishedAt === undefined ? '0001-01-01T00:00:00Z' : new Date(result.finishedAt).toISOString(),
    outputS3BucketName: result.uploaded?.bucket ?? '',
    outputS3KeyPrefix: result.uploaded?.prefix ?? '',
    stepName: result.uploaded?.stepName ?? '',
    standardOutput: result.standardOutput,
    standardError: result.standardError,
  };
}
