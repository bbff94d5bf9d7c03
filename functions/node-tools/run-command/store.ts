/**
 * Keys and items of Run Command.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | command | `COMMAND#<id>` | `COMMAND` |
 * | its place in the list | `COMMANDS#<yyyy-mm-dd>` | `<requested ms>#<id>` |
 * | invocation | `INVOCATION#<id>#<shard>` | `<node>`; index1: `NODE-COMMANDS#<node>` / `<requested ms>#<id>` |
 * | step result, of documents with several | `STEP#<id>#<node>` | `<place>` |
 * | news for the counters | `NEWS#<id>#<shard>` | `<node>#<kind>` |
 * | a command that an alarm stops | `ALARM-COMMANDS#<alarm>` | `<id>` |
 *
 * Invocations and news are spread over shards because a fleet writes them at once. The list of a node's
 * commands (index1) may lag behind by moments on DynamoDB.
 */
import type {
  AlarmConfiguration,
  AlarmStateInformation,
  CloudWatchOutputConfig,
  NotificationConfig,
  Target,
} from '@aws-sdk/client-ssm';
import { queryAll, type Delete, type Key, type Put, type Row, type State } from '../../../core/state.ts';
import type { Tally } from './roll-up.ts';
import type { CommandState, InvocationState, PluginState } from './states.ts';

/** Commands and their invocations are kept for 30 days, as at AWS. */
const retention = 30 * 24 * 3600;

export const shards = 16;

/** Of the news of a command to so many targets: what fifty nodes write one partition takes, and it is read at once. */
export function newsShardsOf(instanceIds: readonly string[]): number {
  return instanceIds.length > 0 ? 1 : shards;
}

/** A step of the document, as its results are named. */
export interface Step {
  readonly name: string;
  /** The plugin: `aws:runShellScript`. */
  readonly action: string;
}

export interface CommandBody {
  readonly commandId: string;
  readonly documentName: string;
  /** As asked for; `$DEFAULT` is echoed, not resolved. */
  readonly documentVersion: string;
  /** Stands for the text that runs, whatever becomes of the document's name meanwhile. */
  readonly documentPin: string;
  readonly parameters: Readonly<Record<string, string[]>>;
  readonly comment: string;
  readonly instanceIds: string[];
  readonly targets: Target[];
  readonly timeoutSeconds: number;
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly maxConcurrency: string;
  readonly maxErrors: string;
  readonly outputS3BucketName: string;
  readonly outputS3KeyPrefix: string;
  readonly outputS3Region: string;
  readonly serviceRole: string;
  readonly cloudWatchOutputConfig?: CloudWatchOutputConfig | undefined;
  readonly platformTypes: readonly string[];
  /** Whether an admin sent it, and an admin wrote its document (core/admin-work.ts). Absent: no. */
  readonly byAdmin?: boolean | undefined;
  readonly steps: readonly Step[];
  readonly state: CommandState;
  /** `spreading`: its targets are still being found; `running`: they are known; `done`. */
  readonly phase: 'spreading' | 'running' | 'done';
  /** While spreading: where target resolution goes on. */
  readonly spreadAfter?: string | undefined;
  readonly targetCount: number;
  /** Over how many partitions its news are spread. */
  readonly newsShards: number;
  /** How the invocations that are over ended. */
  readonly tally: Tally;
  /** Invocations gone past in the order of starting: handed to their nodes, or found to be over. */
  readonly started: number;
  /** Of those, taken by their nodes or over. */
  readonly acknowledged: number;
  /** Of those, over. */
  readonly finished: number;
  /** The last invocation started: starting walks the shards in order. */
  readonly startedAfter?: { readonly shard: number; readonly nodeId: string } | undefined;
  readonly window: number;
  readonly windowSince: number;
  /** Errors went over MaxErrors, or there were more targets than may be: nothing more starts. */
  readonly stopped: boolean;
  /** There were more targets than may be. */
  readonly rateExceeded?: boolean | undefined;
  readonly cancelRequested: boolean;
  readonly notificationConfig?: NotificationConfig | undefined;
  readonly alarmConfiguration?: AlarmConfiguration | undefined;
  /** The alarms that stopped it. */
  readonly triggeredAlarms?: readonly AlarmStateInformation[] | undefined;
}

export interface InvocationBody {
  readonly commandId: string;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly documentName: string;
  readonly documentVersion: string;
  readonly comment: string;
  readonly requestedAt: number;
  readonly steps: readonly Step[];
  /** The command's. */
  readonly newsShards: number;
  readonly state: InvocationState;
  /** Whether the node has been given a message: from then on it may run, whatever we have heard. */
  readonly started: boolean;
  /** The node has said that it has the message. */
  readonly acknowledged: boolean;
  /** The step's result, where the document has one step: most have, and it is asked for with the invocation. */
  readonly result?: StepBody | undefined;
  /** A text of the agent's about the whole document (a document it could not read). */
  readonly trace?: string | undefined;
  readonly serviceRole: string;
  readonly cloudWatchOutputConfig?: CloudWatchOutputConfig | undefined;
  readonly notificationConfig?: NotificationConfig | undefined;
}

export interface StepBody extends Step {
  readonly place: number;
  readonly state: PluginState;
  readonly responseCode: number;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  /** Both streams, at most 2,500 characters, as the agent joined them. */
  readonly output: string;
  readonly standardOutput: string;
  readonly standardError: string;
  readonly s3Bucket: string;
  /** `<prefix>/<command>/<node>/awsrunShellScript` */
  readonly s3Prefix: string;
  readonly s3StepName: string;
}

/** Something the counters of a command have yet to take in. */
export interface NewsBody {
  readonly nodeId: string;
  readonly kind: 'delayed' | 'acknowledged' | 'ended';
  readonly state: InvocationState;
  /** Whether the invocation had been started; one that had not is counted when starting goes past it. */
  readonly started: boolean;
  /** Whether this is the first sign that the node has the command. */
  readonly first: boolean;
}

export function commandKey(commandId: string): Key {
  return { pk: `COMMAND#${commandId}`, sk: 'COMMAND' };
}

export function shardOf(nodeId: string): number {
  return Number.parseInt(nodeId.slice(-1), 16) || 0;
}

export function invocationPartition(commandId: string, shard: number): string {
  return `INVOCATION#${commandId}#${shard}`;
}

export function invocationKey(commandId: string, nodeId: string): Key {
  return { pk: invocationPartition(commandId, shardOf(nodeId)), sk: nodeId };
}

export function stepPartition(commandId: string, nodeId: string): string {
  return `STEP#${commandId}#${nodeId}`;
}

export function stepKey(commandId: string, nodeId: string, place: number): Key {
  return { pk: stepPartition(commandId, nodeId), sk: String(place).padStart(4, '0') };
}

export function newsPartition(commandId: string, shard: number): string {
  return `NEWS#${commandId}#${shard}`;
}

const padded = (milliseconds: number): string => String(milliseconds).padStart(15, '0');

/** The partition that lists the commands of one UTC day. */
export function dayPartition(milliseconds: number): string {
  return `COMMANDS#${new Date(milliseconds).toISOString().slice(0, 10)}`;
}

/** A command's place in the list of all; also the page token of that list. */
export function listKey(command: Pick<CommandBody, 'requestedAt' | 'commandId'>): Key {
  return { pk: dayPartition(command.requestedAt), sk: listSortKey(command) };
}

export function listSortKey(command: Pick<CommandBody, 'requestedAt' | 'commandId'>): string {
  return `${padded(command.requestedAt)}#${command.commandId}`;
}

export function nodePartition(nodeId: string): string {
  return `NODE-COMMANDS#${nodeId}`;
}

const expiry = (requestedAt: number): number => Math.floor(requestedAt / 1000) + retention;

export function putCommand(command: CommandBody): Put<CommandBody> {
  return {
    put: commandKey(command.commandId),
    body: command,
    when: { row: 'absent' },
    expiresAt: expiry(command.requestedAt),
  };
}

export function putListing(command: CommandBody): Put {
  return { put: listKey(command), body: { commandId: command.commandId }, expiresAt: expiry(command.requestedAt) };
}

export interface AlarmCommandBody {
  readonly commandId: string;
}

export function alarmPartition(alarm: string): string {
  return `ALARM-COMMANDS#${alarm}`;
}

/** The rows by which its alarms find a command. They go when its time is long up: then it is over. */
export function putAlarmCommands({ commandId, expiresAt, alarmConfiguration }: CommandBody): Put<AlarmCommandBody>[] {
  return (alarmConfiguration?.Alarms ?? []).map(({ Name = '' }) => ({
    put: { pk: alarmPartition(Name), sk: commandId },
    body: { commandId },
    expiresAt: Math.ceil(expiresAt / 1000) + 24 * 3600,
  }));
}

export function putInvocation(invocation: InvocationBody): Put<InvocationBody> {
  return {
    put: invocationKey(invocation.commandId, invocation.nodeId),
    body: invocation,
    indexes: { index1: { pk: nodePartition(invocation.nodeId), sk: listSortKey(invocation) } },
    expiresAt: expiry(invocation.requestedAt),
  };
}

export function putStep(
  invocation: Pick<InvocationBody, 'commandId' | 'nodeId' | 'requestedAt'>,
  step: StepBody,
): Put<StepBody> {
  return {
    put: stepKey(invocation.commandId, invocation.nodeId, step.place),
    body: step,
    expiresAt: expiry(invocation.requestedAt),
  };
}

/** @param invocation as it was before the news */
export function putNews(invocation: InvocationBody, kind: NewsBody['kind'], state: InvocationState): Put<NewsBody> {
  return {
    put: {
      pk: newsPartition(invocation.commandId, shardOf(invocation.nodeId) % invocation.newsShards),
      sk: `${invocation.nodeId}#${kind}`,
    },
    body: { nodeId: invocation.nodeId, kind, state, started: invocation.started, first: !invocation.acknowledged },
    expiresAt: expiry(invocation.requestedAt),
  };
}

export function deleteNews(row: Key): Delete {
  return { delete: { pk: row.pk, sk: row.sk } };
}

export function readCommand(state: State, commandId: string): Promise<Row<CommandBody> | undefined> {
  return state.get<CommandBody>(commandKey(commandId));
}

export function readInvocation(
  state: State,
  commandId: string,
  nodeId: string,
): Promise<Row<InvocationBody> | undefined> {
  return state.get<InvocationBody>(invocationKey(commandId, nodeId));
}

/** Those of a command on these nodes, in their order. */
export async function readInvocations(
  state: State,
  commandId: string,
  nodeIds: readonly string[],
): Promise<Row<InvocationBody>[]> {
  const rows = new Map(
    (await state.getMany<InvocationBody>(nodeIds.map((id) => invocationKey(commandId, id)))).map((row) => [
      row.body.nodeId,
      row,
    ]),
  );
  return nodeIds.flatMap((id) => rows.get(id) ?? []);
}

/** Whether an invocation carries its step's result itself. */
export function hasOneStep(invocation: Pick<InvocationBody, 'steps'>): boolean {
  return invocation.steps.length === 1;
}

/** The step results of an invocation, in the order of the document. */
export async function readSteps(state: State, invocation: InvocationBody): Promise<StepBody[]> {
  if (hasOneStep(invocation)) return invocation.result === undefined ? [] : [invocation.result];
  return (await queryAll<StepBody>(state, { pk: stepPartition(invocation.commandId, invocation.nodeId) })).map(
    (row) => row.body,
  );
}

/** One of them. */
export async function readStep(state: State, invocation: InvocationBody, place: number): Promise<StepBody | undefined> {
  if (hasOneStep(invocation)) return invocation.result;
  return (await state.get<StepBody>(stepKey(invocation.commandId, invocation.nodeId, place)))?.body;
}
