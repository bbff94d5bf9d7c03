/** Runs one command on this node, from its payload to its last reply. */
import path from 'node:path';
import type { Log } from '../core/log.ts';
import { parameterValues, readDocument, type Document, type Step } from '../core/documents/document.ts';
import { logsTarget, type LogsRequest } from './logs-target.ts';
import type { Orchestration } from './orchestration.ts';
import { OutputLogs } from './output-logs.ts';
import type { AgentServices, Plugin, PluginContext } from './plugin.ts';
import type { Platform } from './platform.ts';
import { report } from './report.ts';
import {
  documentStatus,
  isToldWhole,
  rebootRequested,
  reportedStream,
  type DocumentStatus,
  type StepResult,
} from './result.ts';
import { runSteps } from './run-steps.ts';
import type { ServiceClient } from './service-client.ts';
import type { Parameters } from '../core/documents/substitution.ts';
import { stepFolder } from './step-folder.ts';
import { joinKey, uploadFile } from './upload.ts';

interface OutputPlace {
  readonly Bucket: string;
  readonly KeyPrefix: string;
}

/** The payload of sendCommand, the same for both agents. */
export interface CommandPayload extends LogsRequest {
  readonly DocumentContent: unknown;
  readonly Parameters?: Parameters | null;
  readonly OutputS3BucketName?: string;
  readonly OutputS3KeyPrefix?: string;
  /** Flotilla's own: where to store output that is too large for a reply. Other agents ignore it. */
  readonly WholeOutput?: OutputPlace;
}

export interface JobParts {
  readonly service: ServiceClient;
  readonly platform: Platform;
  readonly log: Log;
  readonly plugins: Readonly<Record<string, Plugin>>;
  readonly agent: AgentServices;
  readonly agentVersion: string;
  /** The folders of commands' steps. */
  readonly orchestration: Orchestration;
  /** Whether exit code 194 may reboot this machine. */
  readonly mayReboot: boolean;
}

export interface JobReplies {
  /** An interim report, which may be lost. */
  interim(content: string): void;
  /** A step's result, which must arrive. */
  step(content: string): void;
  /** A script of the command runs in this process group. */
  process(pid: number): void;
}

export interface JobEnd {
  readonly status: DocumentStatus;
  /** The last reply. */
  readonly content: string;
  readonly results: readonly StepResult[];
}

/** Milliseconds between interim reports of a running step. The first one comes sooner, for people who watch. */
const interimEvery = 5_000;
const interimFirst = 2_000;
const lookEvery = 1_000;
/** Bytes. AWS's agent drops larger replies, and the gateway accepts no much larger frame. */
export const largestReply = 120_000;

/**
 * Runs a command. Never throws: every error becomes its result.
 * @param done results of steps that ran before a reboot
 */
export async function runJob(
  payload: CommandPayload,
  parts: JobParts,
  replies: JobReplies,
  signal: AbortSignal,
  done: readonly StepResult[] = [],
): Promise<JobEnd> {
  let document: Document;
  let parameters: Parameters;
  try {
    document = readDocument(payload.DocumentContent);
    parameters = await parameterValues(document.parameters, payload.Parameters ?? {}, 'agent');
  } catch (error) {
    return {
      status: 'Failed',
      content: JSON.stringify(report('Failed', null, [], reporter(parts), message(error))),
      results: [],
    };
  }
  const { steps } = document;
  const folder = parts.orchestration.enter(payload.CommandId);
  replies.interim(JSON.stringify(report('InProgress', null, [], reporter(parts))));
  const results: StepResult[] = [...done];
  const tell = (index: number, result: StepResult, all: readonly StepResult[]): string =>
    fitting(
      (shrunk) =>
        report(
          'InProgress',
          [{ name: steps[index]!.name, action: steps[index]!.action, result: shrunk }],
          all,
          reporter(parts),
        ),
      result,
    );
  let ticker: NodeJS.Timeout | undefined;
  let logs: OutputLogs | undefined;
  await runSteps({
    steps,
    schemaVersion: document.schemaVersion,
    plugins: parts.plugins,
    done,
    context: contextOf(payload, parts, {
      folder,
      parameters,
      document,
      signal,
      depth: 0,
      onProcess: (pid) => replies.process(pid),
    }),
    onStart: (position, soFar) => {
      const target = logsTarget(payload, steps[position]!.name, parts.service.registration);
      logs =
        target === undefined
          ? undefined
          : new OutputLogs(parts.service, target, foldersOf(steps[position]!, folder), parts.log);
      let last = '0 0';
      let notBefore = Date.now() + interimFirst;
      ticker = setInterval(() => {
        if (Date.now() < notBefore) return;
        const result = soFar();
        const seen = `${result.standardOutput.length} ${result.standardError.length}`;
        if (seen === last) return;
        replies.interim(tell(position, result, results));
        last = seen;
        notBefore = Date.now() + interimEvery;
      }, lookEvery);
    },
    onResult: async (place, result) => {
      clearInterval(ticker);
      const unsent = logs?.finish(parts.log);
      logs = undefined;
      const final = noted(
        await upload(payload, parts, steps[place]!, folder, rebootVerdict(result, parts)),
        await unsent,
      );
      results[place] = final;
      replies.step(tell(place, final, results));
    },
  });
  const status = documentStatus(results);
  const single = steps.length === 1 && results[0] !== undefined ? results[0] : undefined;
  const content =
    single === undefined
      ? JSON.stringify(report(status, [], results, reporter(parts)))
      : fitting(
          (shrunk) =>
            report(
              status,
              [{ name: steps[0]!.name, action: steps[0]!.action, result: shrunk }],
              results,
              reporter(parts),
            ),
          single,
        );
  return { status, content, results };
}

export function contextOf(
  payload: Pick<CommandPayload, 'CommandId'>,
  parts: JobParts,
  more: {
    folder: string;
    parameters: Parameters;
    document: Document;
    signal: AbortSignal;
    depth: number;
    associationId?: string;
    onProcess?: (pid: number) => void;
  },
): Omit<PluginContext, 'stdoutFile' | 'stderrFile'> {
  return {
    service: parts.service,
    platform: parts.platform,
    log: parts.log,
    commandId: payload.CommandId,
    folder: more.folder,
    downloads: path.join(more.folder, 'downloads'),
    parameters: more.parameters,
    definitions: more.document.parameters,
    signal: more.signal,
    depth: more.depth,
    associationId: more.associationId,
    onProcess: more.onProcess,
    agent: parts.agent,
  };
}

/**
 * Exit code 194 when the agent is not a service and would not come back: it reports what it would do, and does not
 * reboot.
 */
function rebootVerdict(result: StepResult, parts: JobParts): StepResult {
  if (result.status !== 'SuccessAndReboot' || parts.mayReboot) return result;
  return {
    ...result,
    status: 'Failed',
    code: rebootRequested,
    standardError: `${result.standardError}The script asked for a reboot (exit status ${rebootRequested}). This agent is not installed as a service: it does not reboot the machine. As a service it would reboot now and run this step again.\n`,
  };
}

async function upload(
  payload: CommandPayload,
  parts: JobParts,
  step: Step,
  folder: string,
  result: StepResult,
): Promise<StepResult> {
  const bucket = payload.OutputS3BucketName ?? '';
  if (result.status === 'Skipped') return result;
  if (bucket === '') {
    await keepWhole(payload, parts, step, folder, result);
    return result;
  }
  const { nodeId } = parts.service.registration;
  const prefix = joinKey(payload.OutputS3KeyPrefix ?? '', payload.CommandId, nodeId, step.action.replaceAll(':', ''));
  const stepName = step.outputNames.at(-1) ?? '';
  try {
    for (const [entry, own] of foldersOf(step, folder).entries())
      for (const stream of ['stdout', 'stderr'])
        await uploadFile(
          parts.service,
          bucket,
          `${prefix}/${step.outputNames[entry]}/${stream}`,
          path.join(own, stream),
        );
  } catch (error) {
    // The command has run, so a failed upload does not change its result; the result says what is missing.
    parts.log.warn('output could not be uploaded', { commandId: payload.CommandId, bucket, error });
    return {
      ...result,
      standardError: `${result.standardError}\nThe output could not be uploaded to ${bucket}: ${message(error)}`,
    };
  }
  return { ...result, uploaded: { bucket, prefix, stepName } };
}

/**
 * Stores the whole output under the step's name, where the service finds it. A plugin of schema 1.x with several
 * entries has several outputs and no such name. The user has not asked for this upload, so its failure is not in the
 * result; the output in the reply then has to do.
 */
async function keepWhole(
  payload: CommandPayload,
  parts: JobParts,
  step: Step,
  folder: string,
  result: StepResult,
): Promise<void> {
  const [own, ...others] = foldersOf(step, folder);
  if (payload.WholeOutput === undefined || own === undefined || others.length > 0 || isToldWhole(result)) return;
  const { Bucket: bucket, KeyPrefix: prefix } = payload.WholeOutput;
  const key = joinKey(
    prefix,
    payload.CommandId,
    parts.service.registration.nodeId,
    step.action.replaceAll(':', ''),
    step.name.replaceAll(':', ''),
  );
  try {
    for (const stream of ['stdout', 'stderr'])
      await uploadFile(parts.service, bucket, `${key}/${stream}`, path.join(own, stream));
  } catch (error) {
    parts.log.warn('the whole output could not be kept', { commandId: payload.CommandId, bucket, error });
  }
}

/** The folders of a step's outputs, one for each entry. */
function foldersOf(step: Step, folder: string): string[] {
  return step.outputNames.map((name) => stepFolder(folder, step.name, name));
}

/** The command has run, so a failure to send its logs does not change its result; the result says what is missing. */
function noted(result: StepResult, unsent: string | undefined): StepResult {
  return unsent === undefined
    ? result
    : {
        ...result,
        standardError: `${result.standardError}\nThe output could not be sent to CloudWatch Logs: ${unsent}`,
      };
}

/**
 * A reply that is small enough. JSON makes control characters six times as long, and UTF-8 makes some scripts three
 * times as long. Streams are cut until the reply fits.
 */
export function fitting(make: (result: StepResult) => object, result: StepResult): string {
  let content = JSON.stringify(make(result));
  // In the frame the content is a string in JSON again.
  for (
    let limit = 12_000;
    Buffer.byteLength(JSON.stringify(content)) > largestReply && limit > 0;
    limit = Math.floor(limit / 2)
  )
    content = JSON.stringify(
      make({
        ...result,
        standardOutput: reportedStream(result.standardOutput, limit),
        standardError: reportedStream(result.standardError, limit),
      }),
    );
  return content;
}

function reporter(parts: JobParts): { agentVersion: string; now: number } {
  return { agentVersion: parts.agentVersion, now: Date.now() };
}

export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
