/** SendCommand: check, decide, write, answer. */
import { isAdmin } from '../../../core/admin-work.ts';
import { InvalidDocument, InvalidInstanceId, InvalidParameters, ValidationException } from '../../../core/errors.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { SsmInput, SsmOutput } from '../../../core/operations.ts';
import type { Write } from '../../../core/state.ts';
import {
  checkParameters,
  executionTimeoutOf,
  resolveDocument,
  type ResolvedDocument,
} from '../../change-management/documents/index.ts';
import { alarmRows, armFirst, deltaShardsFor } from '../../fan-out/index.ts';
import { assertMayRunOn, checkTargets, getNodes, type Node } from '../../nodes/index.ts';
import {
  DuplicateInstanceId,
  InvalidOutputFolder,
  MaxDocumentSizeExceeded,
  UnsupportedPlatformType,
} from './errors.ts';
import { commandKind, nudge } from './command-job.ts';
import { describeCommand } from './commands.ts';
import { commandMessage } from './messages.ts';
import { newInvocation, writeNewInvocation } from './new-invocation.ts';
import { checkNotification } from './notifications.ts';
import { tooMany } from './pending-limit.ts';
import { isTerminal } from './states.ts';
import { stepsOf } from './steps.ts';
import { putCommand, putListing, type CommandBody } from './store.ts';

/** AWS's defaults. */
const defaultMaxConcurrency = '50';
const defaultMaxErrors = '0';
/** Seconds in which a command must have reached its node. */
const defaultTimeout = 3600;
/** Document and parameters together. */
const sizeLimit = 64 * 1024;

export async function sendCommand(
  input: SsmInput<'SendCommand'>,
  context: RequestContext,
): Promise<SsmOutput<'SendCommand'>> {
  const { command, nodes } = await planCommand(input, context);
  const output = { Command: describeCommand(command) };
  const record = context.auditWrites(output);
  if (nodes.length > 0) await begin(command, nodes, record, context);
  else {
    // Its timer, due at once, finds the targets.
    const { lookAt, timer } = armFirst(commandKind, command.commandId, command, context, command.requestedAt);
    await context.state.transact([
      putCommand({ ...command, lookAt }),
      putListing(command),
      timer,
      ...alarmRows(commandKind, command.commandId, command),
      ...record,
    ]);
  }
  return output;
}

/** A command as it would be written. */
export interface PlannedCommand {
  readonly command: CommandBody;
  readonly document: ResolvedDocument;
  /** Those named; none where targets are to be resolved. */
  readonly nodes: readonly Node[];
}

/** All that is checked and decided before anything is written: for SendCommand, and for its preview. */
export async function planCommand(input: SsmInput<'SendCommand'>, context: RequestContext): Promise<PlannedCommand> {
  const instanceIds = input.InstanceIds ?? [];
  const targets = input.Targets ?? [];
  checkRequest(input, instanceIds, targets.length);
  const document = await documentOf(input, context);
  await checkParameters(document, input.Parameters ?? {}, context.caller.arn);
  if (Buffer.byteLength(document.contentText) + Buffer.byteLength(JSON.stringify(input.Parameters ?? {})) > sizeLimit)
    throw new MaxDocumentSizeExceeded('The size limit of a document is 64 KB, its parameters included.');
  await checkTargets(context, targets);
  await checkNotification(input.NotificationConfig, input.ServiceRoleArn ?? '', context);
  const nodes = await nodesOf(instanceIds, document, context);
  assertMayRunOn(nodes, [{ byAdmin: isAdmin(context.caller) }, document], 'SendCommand', context);
  return { command: newCommand(input, document, context), document, nodes };
}

/**
 * Writes a command with its invocations, the first of them started: a round of its own for that would be two commits
 * more.
 */
async function begin(
  command: CommandBody,
  nodes: readonly Node[],
  record: readonly Write[],
  context: RequestContext,
): Promise<void> {
  const invocations = nodes.map((node) => newInvocation(command, node));
  const [first, ...rest] = invocations;
  // An alarm is asked for before the first wave as before any other.
  const starts =
    first !== undefined && !isTerminal(first.state) && !command.stopped && command.alarmConfiguration === undefined;
  const begun: CommandBody = starts ? { ...command, started: 1 } : command;
  const { lookAt, timer } = armFirst(commandKind, command.commandId, begun, context);
  const writes: Write[] = starts
    ? [
        writeNewInvocation({ ...first, started: true }, context),
        commandMessage(command, first.nodeId),
        ...rest.map((invocation) => writeNewInvocation(invocation, context)),
      ]
    : invocations.map((invocation) => writeNewInvocation(invocation, context));
  await context.state.transact([
    putCommand({ ...begun, lookAt }),
    ...writes,
    putListing(command),
    timer,
    ...alarmRows(commandKind, command.commandId, command),
    ...record,
  ]);
  if (starts) context.mailbox.wake(first.nodeId);
  else nudge(command.commandId, context);
}

/** What the model cannot say of the request. */
function checkRequest(input: SsmInput<'SendCommand'>, instanceIds: readonly string[], targetCount: number): void {
  if (instanceIds.length === 0 && targetCount === 0)
    throw new ValidationException('Either InstanceIds or Targets must be given.');
  if (instanceIds.length > 0 && targetCount > 0)
    throw new ValidationException('InstanceIds and Targets cannot both be given.');
  if (new Set(instanceIds).size !== instanceIds.length)
    throw new DuplicateInstanceId('An instance id was given twice.');
  if (input.OutputS3BucketName !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(input.OutputS3BucketName))
    throw new InvalidOutputFolder(`${input.OutputS3BucketName} is not the name of an S3 bucket.`);
}

async function documentOf(input: SsmInput<'SendCommand'>, context: RequestContext): Promise<ResolvedDocument> {
  const document = await resolveDocument(context, input.DocumentName, input.DocumentVersion);
  if (document.documentType !== 'Command')
    throw new InvalidDocument(
      `Document ${document.name} is of type ${document.documentType}; Run Command runs documents of type Command.`,
    );
  if (document.status !== 'Active') throw new InvalidDocument(`Document ${document.name} is not active.`);
  if (input.DocumentHash !== undefined && input.DocumentHash.toLowerCase() !== document.hash.toLowerCase())
    throw new InvalidDocument('The document hash does not match the content of the document.');
  return document;
}

/** The explicitly named nodes, all of which must exist; at least one must be able to run the document. */
async function nodesOf(
  instanceIds: readonly string[],
  document: ResolvedDocument,
  context: RequestContext,
): Promise<Node[]> {
  if (instanceIds.length === 0) return [];
  const found = new Map((await getNodes(context, instanceIds)).map((node) => [node.id, node]));
  const nodes = instanceIds.map((id) => {
    const node = found.get(id);
    if (node === undefined)
      throw new InvalidInstanceId(`Instances [[${id}]] not in a valid state for account ${context.account}`);
    return node;
  });
  if (
    nodes.every(
      (node) =>
        node.platformType !== undefined && !(document.platformTypes as readonly string[]).includes(node.platformType),
    )
  )
    throw new UnsupportedPlatformType(`Document ${document.name} does not support the platform of the instances.`);
  return nodes;
}

function newCommand(input: SsmInput<'SendCommand'>, document: ResolvedDocument, context: RequestContext): CommandBody {
  const requestedAt = context.clock.now();
  const timeoutSeconds = input.TimeoutSeconds ?? defaultTimeout;
  const instanceIds = input.InstanceIds ?? [];
  const executionTimeout = executionTimeoutOf(document, input.Parameters ?? {});
  if (!Number.isFinite(executionTimeout)) throw new InvalidParameters('executionTimeout is not a number of seconds.');
  return {
    commandId: context.ids.uuid(),
    documentName: input.DocumentName,
    documentVersion: input.DocumentVersion ?? '$DEFAULT',
    documentPin: document.pin,
    parameters: input.Parameters ?? {},
    comment: input.Comment ?? '',
    instanceIds,
    targets: input.Targets ?? [],
    timeoutSeconds,
    requestedAt,
    expiresAt: requestedAt + (timeoutSeconds + executionTimeout) * 1000,
    maxConcurrency: input.MaxConcurrency ?? defaultMaxConcurrency,
    maxErrors: input.MaxErrors ?? defaultMaxErrors,
    outputS3BucketName: input.OutputS3BucketName ?? '',
    outputS3KeyPrefix: input.OutputS3KeyPrefix ?? '',
    outputS3Region: input.OutputS3Region ?? '',
    serviceRole: input.ServiceRoleArn ?? '',
    cloudWatchOutputConfig: input.CloudWatchOutputConfig,
    alarmConfiguration: input.AlarmConfiguration,
    notificationConfig: input.NotificationConfig,
    platformTypes: document.platformTypes,
    byAdmin: isAdmin(context.caller) && document.byAdmin,
    steps: stepsOf(document.content),
    state: 'Pending',
    phase: instanceIds.length > 0 ? 'running' : 'spreading',
    targetCount: instanceIds.length,
    deltaShards: instanceIds.length > 0 ? deltaShardsFor(instanceIds.length) : undefined,
    tally: {},
    started: 0,
    acknowledged: 0,
    finished: 0,
    window: 1,
    windowSince: requestedAt,
    ...tooMany(instanceIds.length, context),
    cancelRequested: false,
  };
}
