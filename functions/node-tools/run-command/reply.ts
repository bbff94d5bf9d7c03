/** What an agent reports of a command, and what follows from it (node-protocol: the reply payload). Pure. */
import { isStepOver, type InvocationState, type PluginState } from './states.ts';
import type { Step, StepBody } from './store.ts';

/** GetCommandInvocation's limits: the agent cuts both streams at 24,000, the API shows 8,000 of the second. */
const standardOutputLimit = 24_000;
const standardErrorLimit = 8_000;
const outputLimit = 2_500;
/** TraceOutput's. */
const traceLimit = 2_500;

export interface StepReport {
  readonly state: PluginState;
  readonly responseCode: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly output: string;
  readonly standardOutput: string;
  readonly standardError: string;
  readonly s3Bucket: string;
  readonly s3Prefix: string;
  readonly s3StepName: string;
}

export interface Reply {
  readonly state: InvocationState;
  readonly trace: string;
  /** By step name (schema 2.x) or plugin name (1.2). */
  readonly steps: ReadonlyMap<string, StepReport>;
}

/** A reply that is not of the agents' form: it is logged and dropped. */
export class MalformedReply extends Error {
  override readonly name = 'MalformedReply';
}

/** A reboot is on its way: the agent goes on with the same step afterwards, so these are not ends. */
const documentStates: ReadonlyMap<string, InvocationState> = new Map([
  ['InProgress', 'InProgress'],
  ['Success', 'Success'],
  ['SuccessAndReboot', 'InProgress'],
  ['PassedAndReboot', 'InProgress'],
  ['Failed', 'Failed'],
  ['TimedOut', 'ExecutionTimedOut'],
  ['Cancelled', 'Cancelled'],
]);

const stepStates: ReadonlyMap<string, PluginState> = new Map([
  ['NotStarted', 'Pending'],
  ['InProgress', 'InProgress'],
  ['SuccessAndReboot', 'InProgress'],
  ['PassedAndReboot', 'InProgress'],
  ['Success', 'Success'],
  ['Skipped', 'Success'],
  ['Failed', 'Failed'],
  ['TimedOut', 'ExecutionTimedOut'],
  ['Cancelled', 'Cancelled'],
]);

/** @throws MalformedReply */
export function parseReply(payload: unknown): Reply {
  const reply = object(payload, 'the reply');
  const state = documentStates.get(text(reply.documentStatus));
  if (state === undefined) throw new MalformedReply(`unknown documentStatus ${JSON.stringify(reply.documentStatus)}`);
  const steps = new Map<string, StepReport>();
  for (const [name, value] of Object.entries(
    reply.runtimeStatus === undefined || reply.runtimeStatus === null
      ? {}
      : object(reply.runtimeStatus, 'runtimeStatus'),
  ))
    steps.set(name, stepReport(object(value, name)));
  return { state, trace: text(reply.documentTraceOutput).slice(0, traceLimit), steps };
}

function stepReport(report: Readonly<Record<string, unknown>>): StepReport {
  const state = stepStates.get(text(report.status));
  if (state === undefined) throw new MalformedReply(`unknown step status ${JSON.stringify(report.status)}`);
  return {
    state,
    responseCode: typeof report.code === 'number' && Number.isInteger(report.code) ? report.code : -1,
    startedAt: time(report.startDateTime),
    finishedAt: time(report.endDateTime),
    output: text(report.output).slice(0, outputLimit),
    standardOutput: text(report.standardOutput).slice(0, standardOutputLimit + truncationMark),
    standardError: text(report.standardError).slice(0, standardErrorLimit),
    s3Bucket: text(report.outputS3BucketName),
    s3Prefix: text(report.outputS3KeyPrefix),
    s3StepName: text(report.stepName),
  };
}

/** Room for the agent's own `--output truncated--` after the 24,000. */
const truncationMark = 32;

/**
 * A step with a report taken in, or undefined where the report says nothing new: replies come twice and out of
 * order, and a step that is over stays as it ended.
 */
export function mergeStep(
  place: number,
  step: Step,
  known: StepBody | undefined,
  report: StepReport,
): StepBody | undefined {
  if (known === undefined) return { ...step, place, ...report };
  if (isStepOver(known.state) || (known.state === 'InProgress' && report.state === 'Pending')) return undefined;
  // Of two interim reports the one with more output is the later one.
  if (known.state === report.state && lengthOf(known) >= lengthOf(report)) return undefined;
  return { ...step, place, ...report };
}

function lengthOf(result: Pick<StepReport, 'standardOutput' | 'standardError'>): number {
  return result.standardOutput.length + result.standardError.length;
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedReply(`${what} is not an object`);
  return value as Readonly<Record<string, unknown>>;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Agents write zero time (year 1) for what has not happened. */
function time(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) || milliseconds <= 0 ? undefined : milliseconds;
}
