/** A command's output whole: what the node has uploaded, or what its report says where that is all. */
import type { Context } from '../../../core/context.ts';
import { NoSuchBucket, type FileInfo } from '../../../core/files.ts';
import { StoredFile, type ExtensionResponse } from '../../../core/http.ts';
import { InvalidPluginName, InvocationDoesNotExist } from './errors.ts';
import { wholeOutputPrefix } from './messages.ts';
import { isReportedWhole, reportedText } from './reported-output.ts';
import { isStepOver } from './states.ts';
import { readSteps } from './step-store.ts';
import { readInvocation, type InvocationBody, type StepBody } from './store.ts';

export type StreamName = 'stdout' | 'stderr';

export interface KeptStream {
  /** Bytes. */
  readonly Bytes: number;
  /**
   * False where there was more than is kept: the node knows no place for it, or could not upload it, or has not ended.
   */
  readonly Whole: boolean;
}

export interface KeptOutput {
  readonly Name: string;
  readonly State: string;
  readonly ResponseCode: number;
  readonly StandardOutput: KeptStream;
  readonly StandardError: KeptStream;
}

/**
 * What there is of each step's output, in the order of the document; steps that have not begun are left out.
 * @throws InvocationDoesNotExist
 */
export async function listOutput(commandId: string, nodeId: string, context: Context): Promise<KeptOutput[]> {
  const invocation = await invocationOf(commandId, nodeId, context);
  const kept: KeptOutput[] = [];
  for (const step of await readSteps(context.state, invocation)) {
    const [StandardOutput, StandardError] = await Promise.all([
      keptStream(invocation, step, 'stdout', context),
      keptStream(invocation, step, 'stderr', context),
    ]);
    kept.push({ Name: step.name, State: step.state, ResponseCode: step.responseCode, StandardOutput, StandardError });
  }
  return kept;
}

/**
 * One stream of a step, whatever its size. While the step runs it is what there is so far.
 * @throws InvocationDoesNotExist, InvalidPluginName
 */
export async function openOutput(
  commandId: string,
  nodeId: string,
  stepName: string,
  stream: StreamName,
  context: Context,
): Promise<ExtensionResponse> {
  const invocation = await invocationOf(commandId, nodeId, context);
  if (!invocation.steps.some(({ name }) => name === stepName))
    throw new InvalidPluginName(`The plugin name ${stepName} is not one of the command's.`);
  const step = (await readSteps(context.state, invocation)).find(({ name }) => name === stepName);
  const place = step === undefined ? undefined : await uploaded(invocation, step, stream, context);
  const whole = place !== undefined || (step !== undefined && isReportedWhole(step, stream));
  const headers = { 'content-type': 'application/octet-stream', 'x-flotilla-whole': String(whole) };
  return {
    status: 200,
    headers,
    body:
      place === undefined
        ? step === undefined
          ? ''
          : reportedText(step, stream)
        : new StoredFile(place.bucket, place.key),
  };
}

async function invocationOf(commandId: string, nodeId: string, context: Context): Promise<InvocationBody> {
  const row = await readInvocation(context.state, commandId, nodeId);
  if (row === undefined) throw new InvocationDoesNotExist('The command and instance id do not name an invocation.');
  return row.body;
}

async function keptStream(
  invocation: InvocationBody,
  step: StepBody,
  stream: StreamName,
  context: Context,
): Promise<KeptStream> {
  const place = await uploaded(invocation, step, stream, context);
  return place === undefined
    ? { Bytes: Buffer.byteLength(reportedText(step, stream)), Whole: isReportedWhole(step, stream) }
    : { Bytes: place.info.size, Whole: true };
}

/** The bucket that the caller named, or the service's own. */
async function uploaded(
  { commandId, nodeId }: InvocationBody,
  step: StepBody,
  stream: StreamName,
  context: Context,
): Promise<{ readonly bucket: string; readonly key: string; readonly info: FileInfo } | undefined> {
  if (!isStepOver(step.state)) return undefined;
  const own = step.s3Bucket === '';
  const bucket = own ? context.serviceBucket : step.s3Bucket;
  const folder = own
    ? [wholeOutputPrefix, commandId, nodeId, step.action.replaceAll(':', ''), step.name.replaceAll(':', '')]
    : [step.s3Prefix, step.s3StepName || step.name];
  const key = [...folder, stream].join('/');
  try {
    const info = await context.files.head(bucket, key);
    return info === undefined ? undefined : { bucket, key, info };
  } catch (error) {
    // Another account's bucket: the node may write there and we may not read.
    if (own && !(error instanceof NoSuchBucket)) throw error;
    return undefined;
  }
}
