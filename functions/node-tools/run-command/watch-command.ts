/**
 * A command as somebody watches it: what has changed since they looked last, and a wait where nothing has.
 * They say what they have seen by the marks that they were given, so that nothing is kept for them here.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { completedCount } from '../../fan-out/index.ts';
import { untilChange } from './change-signal.ts';
import { InvalidCommandId } from './errors.ts';
import { invocationsIn } from './invocations.ts';
import { errorCount } from './roll-up.ts';
import { commandStatus, invocationStatus, isTerminal } from './states.ts';
import { readCommand, readStepsOf, type CommandBody, type InvocationBody, type StepBody } from './store.ts';
import { isUncut, toldText } from './told-output.ts';

export interface WatchRequest {
  /** The mark of the command, and those of invocations by node, of the answers before. */
  readonly seen: Readonly<Record<string, string>>;
  readonly seenCommand: string;
  /** Milliseconds to wait for a change. */
  readonly wait: number;
}

export interface Watched {
  readonly Command: {
    readonly CommandId: string;
    readonly DocumentName: string;
    readonly Status: string;
    readonly StatusDetails: string;
    readonly TargetCount: number;
    readonly CompletedCount: number;
    readonly ErrorCount: number;
    /** Its targets are still being looked up: there will be more. */
    readonly Spreading: boolean;
    readonly Done: boolean;
    readonly Mark: string;
  };
  /** Those that have changed. */
  readonly Invocations: readonly WatchedInvocation[];
  /** There are more that have changed than an answer holds: ask again at once. */
  readonly More: boolean;
}

export interface WatchedInvocation {
  readonly InstanceId: string;
  readonly Name: string;
  readonly Status: string;
  readonly StatusDetails: string;
  readonly Done: boolean;
  readonly Trace: string;
  readonly Steps: readonly WatchedStep[];
  readonly Mark: string;
}

export interface WatchedStep {
  readonly Name: string;
  readonly Status: string;
  readonly ResponseCode: number;
  /** As far as the node has told it. */
  readonly StandardOutput: string;
  readonly StandardError: string;
  /** There is more than was told: the whole can be had when the step is over. */
  readonly Cut: boolean;
}

/** Characters of output in an answer: a Lambda function's may have 6 MB. */
const mostText = 1_000_000;
const mostInvocations = 2_000;
/** Milliseconds between two looks: the least, and the most where no signal comes from another process. */
const pauses = { least: 50, most: 1_000 };
/** A look at a fleet costs; it is taken so seldom that it costs a twentieth of the time. */
const share = 20;

/**
 * Answers as soon as something has changed, or when the wait is over.
 * @throws InvalidCommandId
 */
export async function watchCommand(commandId: string, request: WatchRequest, context: Context): Promise<Watched> {
  const end = performance.now() + request.wait;
  for (;;) {
    const began = performance.now();
    const watched = await look(commandId, request, context);
    const now = performance.now();
    if (watched.Invocations.length > 0 || watched.Command.Mark !== request.seenCommand || now >= end) return watched;
    const rest = Math.max(pauses.least, (now - began) * share);
    await untilChange(context.state, commandId, Math.min(Math.max(pauses.most, rest), end - now));
    // Signals come in swarms: one look serves them all.
    await sleep(Math.max(0, Math.min(rest, end - now) - (performance.now() - now)));
  }
}

async function look(commandId: string, { seen }: WatchRequest, context: Context): Promise<Watched> {
  const row = await readCommand(context.state, commandId);
  if (row === undefined) throw new InvalidCommandId('The command id is not valid.');
  const Invocations: WatchedInvocation[] = [];
  let text = 0;
  let More = false;
  for await (const { invocation, version, steps } of withSteps(row.body, context)) {
    const Mark = markOf([
      version,
      steps.map(({ place, state, responseCode, standardOutput, standardError }) => [
        place,
        state,
        responseCode,
        standardOutput.length,
        standardError.length,
      ]),
    ]);
    if (seen[invocation.nodeId] === Mark) continue;
    if (text >= mostText || Invocations.length === mostInvocations) {
      More = true;
      break;
    }
    const watched = watchedInvocation(invocation, steps, Mark);
    text += watched.Steps.reduce((sum, step) => sum + step.StandardOutput.length + step.StandardError.length, 0);
    Invocations.push(watched);
  }
  return { Command: watchedCommand(row.body), Invocations, More };
}

/** A page of results is read at once: one by one, a fleet's would take minutes. */
const stepsAtOnce = 100;

interface WithSteps {
  readonly invocation: InvocationBody;
  readonly version: number;
  readonly steps: readonly StepBody[];
}

async function* withSteps(command: CommandBody, context: Context): AsyncGenerator<WithSteps> {
  let page: Row<InvocationBody>[] = [];
  for await (const { item } of invocationsIn(command, undefined, context)) {
    page.push(item);
    if (page.length < stepsAtOnce) continue;
    yield* await stepsOfPage(page, context);
    page = [];
  }
  yield* await stepsOfPage(page, context);
}

async function stepsOfPage(page: readonly Row<InvocationBody>[], context: Context): Promise<WithSteps[]> {
  const steps = await readStepsOf(
    context.state,
    page.map(({ body }) => body),
  );
  return page.map(({ body, version }, place) => ({ invocation: body, version, steps: steps[place] ?? [] }));
}

function watchedCommand(command: CommandBody): Watched['Command'] {
  const shown = {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    Status: commandStatus(command.state),
    StatusDetails: command.state,
    TargetCount: command.targetCount,
    CompletedCount: completedCount(command.tally),
    ErrorCount: errorCount(command.tally),
    Spreading: command.phase === 'spreading',
    Done: command.phase === 'done',
  };
  return { ...shown, Mark: markOf(shown) };
}

function watchedInvocation(invocation: InvocationBody, steps: readonly StepBody[], Mark: string): WatchedInvocation {
  return {
    InstanceId: invocation.nodeId,
    Name: invocation.nodeName,
    Status: invocationStatus(invocation.state),
    StatusDetails: invocation.state,
    Done: isTerminal(invocation.state),
    Trace: invocation.trace ?? '',
    Steps: steps.map((step) => ({
      Name: step.name,
      Status: step.state,
      ResponseCode: step.responseCode,
      StandardOutput: toldText(step, 'stdout'),
      StandardError: toldText(step, 'stderr'),
      Cut: !isUncut(step, 'stdout') || !isUncut(step, 'stderr'),
    })),
    Mark,
  };
}

function markOf(what: unknown): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('base64url').slice(0, 8);
}
