/** Runs the steps of a document in their order (node-protocol: statuses, exit codes, modifiers). */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { readReported } from './output-file.ts';
import type { Step } from '../core/documents/document.ts';
import { textInput, type Inputs, type Plugin, type PluginContext, type PluginResult } from './plugin.ts';
import { judgePrecondition } from '../core/documents/precondition.ts';
import { documentStatus, exitWithFailure, exitWithSuccess, killed, reportedStream, type StepResult } from './result.ts';
import { stepFolder } from './step-folder.ts';
import { readPlainParameters } from './store-parameters.ts';
import { stepInputs } from '../core/documents/step-inputs.ts';
import { storeReferences, substituteStore, type Value } from '../core/documents/substitution.ts';

/** Actions that are known but only run on Windows: in a document for several platforms such a step is left out. */
const windowsOnly = new Set([
  'aws:applications',
  'aws:cloudWatch',
  'aws:configureDaemon',
  'aws:domainJoin',
  'aws:psModule',
  'aws:updateAgent',
]);

export interface StepsRun {
  readonly steps: readonly Step[];
  readonly schemaVersion: string;
  readonly plugins: Readonly<Record<string, Plugin>>;
  /** What all steps share; each has its own folder below `folder`. */
  readonly context: Omit<PluginContext, 'stdoutFile' | 'stderrFile'>;
  /** The results of steps that ran before a reboot. */
  readonly done?: readonly StepResult[];
  /** Called with each result when its step has ended. Awaited. */
  readonly onResult: (index: number, result: StepResult) => Promise<void>;
  /** Called when a step has begun, with a function that reads its output so far. */
  readonly onStart?: (position: number, soFar: () => StepResult) => void;
}

/** @returns one result for each step; fewer when a reboot is due, because the later steps have not run */
export async function runSteps(run: StepsRun): Promise<StepResult[]> {
  const results: StepResult[] = [...(run.done ?? [])];
  // A step before a reboot may already have ended the document.
  let over = results.some((result, index) => ends(run.steps[index]!, result));
  for (let position = results.length; position < run.steps.length; position++) {
    const step = run.steps[position]!;
    const result =
      over && !isFinally(step, position, run.steps)
        ? skipped('The steps before it ended the document.')
        : modified(step, await runStep(step, position, run));
    results.push(result);
    await run.onResult(position, result);
    if (result.status === 'SuccessAndReboot') break;
    over ||= ends(step, result);
  }
  return results;
}

/** `finallyStep: true` has an effect only on the last step: it runs whatever the results of the others are. */
function isFinally(step: Step, index: number, steps: readonly Step[]): boolean {
  return index === steps.length - 1 && textInput(step.inputs[0] ?? {}, 'finallyStep').toLowerCase() === 'true';
}

/** `onFailure: successAndExit`: the failure counts as exit code 168. */
function modified(step: Step, result: StepResult): StepResult {
  return result.status === 'Failed' && modifier(step, 'onFailure') === 'successAndExit'
    ? { ...result, status: 'Success', code: exitWithSuccess }
    : result;
}

/** Whether the later steps are left out. */
function ends(step: Step, result: StepResult): boolean {
  if (result.code === exitWithSuccess || result.code === exitWithFailure) return true;
  if (result.status === 'Success') return modifier(step, 'onSuccess') === 'exit';
  return result.status === 'Failed' && ['exit', 'successAndExit'].includes(modifier(step, 'onFailure'));
}

function modifier(step: Step, name: string): string {
  return textInput(step.inputs[0] ?? {}, name);
}

async function runStep(step: Step, index: number, run: StepsRun): Promise<StepResult> {
  const { context } = run;
  const startedAt = Date.now();
  const instant = (result: PluginResult): StepResult => ({
    ...result,
    standardOutput: '',
    standardError: result.status === 'Failed' ? (result.message ?? '') : '',
    startedAt,
    finishedAt: Date.now(),
  });
  if (context.signal.aborted)
    return instant({ status: 'Cancelled', code: 1, message: 'The command was cancelled before this step.' });
  if (step.precondition !== undefined && !run.schemaVersion.startsWith('2.2'))
    return instant({ status: 'Failed', code: 1, message: 'Preconditions need a document of schema 2.2.' });
  const verdict = judgePrecondition(step.precondition, context.parameters, context.platform.platformType);
  if (verdict === 'skip') return skipped('Its precondition does not hold on this node.');
  if (windowsOnly.has(step.action)) {
    const reason = `${step.action} is a plugin of Windows.`;
    return run.schemaVersion === '2.2' ? skipped(reason) : instant({ status: 'Failed', code: 1, message: reason });
  }
  if (typeof verdict === 'object') return instant({ status: 'Failed', code: 1, message: verdict.invalid });
  const plugin = Object.hasOwn(run.plugins, step.action) ? run.plugins[step.action] : undefined;
  if (plugin === undefined)
    return instant({ status: 'Failed', code: 1, message: `This agent has no plugin ${step.action}.` });

  let inputs: readonly Inputs[];
  try {
    inputs = await fillInputs(step, context);
  } catch (error) {
    return instant({ status: 'Failed', code: 1, message: error instanceof Error ? error.message : String(error) });
  }
  const parts: Part[] = [];
  run.onStart?.(index, () => merge(parts, startedAt, undefined));
  for (const [entry, one] of inputs.entries()) {
    const part: Part = { result: { status: 'InProgress', code: -1 }, ...filesOf(context.folder, step, entry) };
    parts.push(part);
    part.result = await guarded(plugin, one, {
      ...context,
      folder: part.folder,
      stdoutFile: part.stdoutFile,
      stderrFile: part.stderrFile,
    });
    if (part.result.status === 'SuccessAndReboot' || context.signal.aborted) break;
  }
  return merge(parts, startedAt, Date.now());
}

/**
 * A plugin that throws has failed; the agent must go on. The error is written to the error output, because people look
 * there.
 */
async function guarded(plugin: Plugin, inputs: Inputs, context: PluginContext): Promise<PluginResult> {
  let result: PluginResult;
  try {
    mkdirSync(context.folder, { recursive: true, mode: 0o700 });
    mkdirSync(context.downloads, { recursive: true, mode: 0o700 });
    result = await plugin(inputs, context);
  } catch (error) {
    if (context.signal.aborted) return { status: 'Cancelled', code: killed, message: 'The step was cancelled.' };
    context.log.warn('a plugin failed', { commandId: context.commandId, error });
    result = { status: 'Failed', code: 1, message: error instanceof Error ? error.message : String(error) };
  }
  if (result.status !== 'Failed' || result.message === undefined) return result;
  try {
    appendFileSync(context.stderrFile, result.message, { mode: 0o600 });
  } catch (error) {
    context.log.warn('a failure could not be written to the disk', { commandId: context.commandId, error });
  }
  return result;
}

/** An entry of a step: schema 1.x has several, 2.x one. */
interface Part {
  result: PluginResult;
  readonly folder: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
}

function filesOf(folder: string, step: Step, entry: number): Omit<Part, 'result'> {
  const own = stepFolder(folder, step.name, step.outputNames[entry] ?? String(entry));
  return { folder: own, stdoutFile: path.join(own, 'stdout'), stderrFile: path.join(own, 'stderr') };
}

/** Parameters into the inputs, then those of Parameter Store. A SecureString is refused. */
async function fillInputs(step: Step, context: StepsRun['context']): Promise<readonly Inputs[]> {
  const filled = stepInputs(step, context.parameters, context.definitions);
  const names = [...new Set(storeReferences(filled))];
  if (names.length === 0) return filled;
  const known = await readPlainParameters(names, context.service);
  return filled.map((input) => substituteStore(input as Value, known) as Inputs);
}

function skipped(message: string): StepResult {
  const now = Date.now();
  return {
    status: 'Skipped',
    code: 0,
    standardOutput: '',
    standardError: '',
    message,
    startedAt: now,
    finishedAt: now,
  };
}

/** Joins the results of a step's entries; the worst one decides. */
function merge(parts: readonly Part[], startedAt: number, finishedAt: number | undefined): StepResult {
  const status = finishedAt === undefined ? 'InProgress' : documentStatus(parts.map((part) => part.result));
  const { code, message } = parts.findLast((part) => part.result.status === status)?.result ?? {
    code: 0,
    message: undefined,
  };
  return {
    status,
    code: status === 'Failed' && code === 0 ? 1 : code,
    message,
    standardOutput: reportedStream(
      parts.map((part) => readReported(part.stdoutFile, finishedAt !== undefined)).join(''),
    ),
    standardError: reportedStream(
      parts.map((part) => readReported(part.stderrFile, finishedAt !== undefined)).join(''),
    ),
    startedAt,
    finishedAt,
  };
}
