/**
 * Keys and items of Run Command.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | command | `COMMAND#<id>` | `COMMAND` |
 * | its place in the list | `COMMANDS#<yyyy-mm-dd>` | `<requested ms>#<id>` |
 * | invocation | `INVOCATION#<id>#<shard>` | `<node>`; index1: `NODE-COMMANDS#<node>` / `<requested ms>#<id>` |
 * | step result, with its output | `STEP#<id>#<node>` | `<place>` |
 *
 * A command is a job of the fan-out engine, which keeps rows of its own beside it: counter deltas under `NEWS#<id>`,
 * and `ALARM-COMMANDS#<alarm>`. (The prefix NEWS is that of older versions, whose rows are counted too.)
 *
 * Invocations are spread over shards because a fleet writes them at once. They are small: an agent's report of
 * 24 KB rewrites the step's row alone, which no index copies. The list of a node's commands (index1) may lag behind
 * by moments on DynamoDB.
 */
import type { CloudWatchOutputConfig, NotificationConfig, Target } from '@aws-sdk/client-ssm';
import { lastDigitShardOf, padded, paddedTime } from '../../../core/keys-of-rows.ts';
import { queryAll, type Key, type Put, type Row, type State } from '../../../core/state.ts';
import type { JobBody } from '../../fan-out/index.ts';
import type { CommandTally } from './roll-up.ts';
import type { CommandState, InvocationState, PluginState } from './states.ts';

/** Commands and their invocations are kept for 30 days, as at AWS. */
const retention = 30 * 24 * 3600;

export const shards = 16;

/** A step of the document, as its results are named. */
export interface Step {
  readonly name: string;
  /** The plugin: `aws:runShellScript`. */
  readonly action: string;
}

export interface CommandBody extends JobBody {
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
  readonly tally: CommandTally;
  /** The last invocation started: starting walks the shards in order. */
  readonly startedAfter?: { readonly shard: number; readonly nodeId: string } | undefined;
  /** There were more targets than may be. */
  readonly rateExceeded?: boolean | undefined;
  readonly notificationConfig?: NotificationConfig | undefined;
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
  /**
   * Over how many partitions the command's counter deltas are spread: its `deltaShards`. (It is called so in rows of
   * older versions, and a gateway of an older version may run beside this one during a deploy.)
   */
  readonly newsShards?: number | undefined;
  readonly state: InvocationState;
  /** Whether the node has been given a message: from then on it may run, whatever we have heard. */
  readonly started: boolean;
  /** The node has said that it has the message. */
  readonly acknowledged: boolean;
  /** The result of the only step, as older versions kept it. */
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

/**
 * The version of a command's row: 2 since one timer does all of a command's work. Older gateways, which run beside this
 * one during a deploy, would count its deltas wrongly, and leave it alone.
 */
export const commandShape = 2;

export function commandKey(commandId: string): Key {
  return { pk: `COMMAND#${commandId}`, sk: 'COMMAND' };
}

export function invocationPartition(commandId: string, shard: number): string {
  return `INVOCATION#${commandId}#${shard}`;
}

export function invocationKey(commandId: string, nodeId: string): Key {
  return { pk: invocationPartition(commandId, lastDigitShardOf(nodeId)), sk: nodeId };
}

/** The command of an invocation's row. An index gives its key alone. */
export function commandIdOf({ pk }: Key): string {
  return pk.split('#')[1] ?? '';
}

/** Invocations of one node, by their rows' keys and in their order. */
export async function readInvocationRows(state: State, keys: readonly Key[]): Promise<Row<InvocationBody>[]> {
  const rows = new Map((await state.getMany<InvocationBody>(keys)).map((row) => [row.pk, row]));
  return keys.flatMap(({ pk }) => rows.get(pk) ?? []);
}

export function stepPartition(commandId: string, nodeId: string): string {
  return `STEP#${commandId}#${nodeId}`;
}

export function stepKey(commandId: string, nodeId: string, place: number): Key {
  return { pk: stepPartition(commandId, nodeId), sk: padded(place, 4) };
}

/** The partition that lists the commands of one UTC day. */
export function dayPartition(milliseconds: number): string {
  return `COMMANDS#${new Date(milliseconds).toISOString().slice(0, 10)}`;
}

/** A command's place in the list of all; also the page token of that list. */
export function listKey(command: Pick<CommandBody, 'requestedAt' | 'commandId'>): Key {
  return { pk: dayPartition(command.requestedAt), sk: listSortKey(command) };
}

export function listSortKey(command: Pick<CommandBody, 'requestedAt' | 'commandId'>): string {
  return `${paddedTime(command.requestedAt)}#${command.commandId}`;
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
    shape: commandShape,
    expiresAt: expiry(command.requestedAt),
  };
}

export function putListing(command: CommandBody): Put {
  return { put: listKey(command), body: { commandId: command.commandId }, expiresAt: expiry(command.requestedAt) };
}

export function putInvocation(invocation: InvocationBody): Put<InvocationBody> {
  return {
    put: invocationKey(invocation.commandId, invocation.nodeId),
    body: invocation,
    indexes: { index1: { pk: nodePartition(invocation.nodeId), sk: listSortKey(invocation) } },
    expiresAt: expiry(invocation.requestedAt),
  };
}

/** A step as it is kept: what `output` has in common with the first stream is kept once. */
interface StoredStep extends StepBody {
  /** So many characters of `standardOutput` come before `output`. */
  readonly shared?: number;
}

/** @param version of the row that it replaces; undefined where there is none. It fails where that has changed since. */
export function putStep(
  invocation: Pick<InvocationBody, 'commandId' | 'nodeId' | 'requestedAt'>,
  step: StepBody,
  version: number | undefined,
): Put<StoredStep> {
  const shared = sharedLength(step.standardOutput, step.output);
  return {
    put: stepKey(invocation.commandId, invocation.nodeId, step.place),
    body: { ...step, output: step.output.slice(shared), shared },
    when: version === undefined ? { row: 'absent' } : { version },
    expiresAt: expiry(invocation.requestedAt),
  };
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length++;
  return length;
}

function stepOf({ shared = 0, ...step }: StoredStep): StepBody {
  return { ...step, output: step.standardOutput.slice(0, shared) + step.output };
}

export function readCommand(state: State, commandId: string): Promise<Row<CommandBody> | undefined> {
  return state.get<CommandBody>(commandKey(commandId), { shape: commandShape });
}

/** Those that are there, in no order. Up to 100. */
export function readCommands(state: State, commandIds: readonly string[]): Promise<readonly Row<CommandBody>[]> {
  return state.getMany<CommandBody>(commandIds.map(commandKey), { shape: commandShape });
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

/** A step's result, with the version of its row where it has one. */
export type StepRow = Pick<Row<StepBody>, 'body'> & Partial<Pick<Row, 'version'>>;

/** The step results of invocations, in their order; of each those that have been reported, in the document's order. */
export async function readStepsOf(
  state: State,
  invocations: readonly InvocationBody[],
): Promise<readonly (readonly StepBody[])[]> {
  const single = invocations.filter(({ steps }) => steps.length === 1);
  const found = new Map<string, StepBody>();
  for (let from = 0; from < single.length; from += 100) {
    const keys = single.slice(from, from + 100).map(({ commandId, nodeId }) => stepKey(commandId, nodeId, 0));
    for (const { body, pk } of await state.getMany<StoredStep>(keys)) found.set(pk, stepOf(body));
  }
  return Promise.all(
    invocations.map(async (invocation) => {
      if (invocation.steps.length !== 1) return readSteps(state, invocation);
      const step = found.get(stepPartition(invocation.commandId, invocation.nodeId)) ?? invocation.result;
      return step === undefined ? [] : [step];
    }),
  );
}

async function readStepPartition(state: State, commandId: string, nodeId: string): Promise<StepRow[]> {
  const rows = await queryAll<StoredStep>(state, { pk: stepPartition(commandId, nodeId) });
  return rows.map(({ body, version }) => ({ body: stepOf(body), version }));
}

/** The step results of an invocation, in the order of the document. */
export async function readSteps(state: State, invocation: InvocationBody): Promise<readonly StepBody[]> {
  return (await readStepRows(state, invocation)).map(({ body }) => body);
}

/** The same, with the versions of their rows. */
export async function readStepRows(state: State, invocation: InvocationBody): Promise<readonly StepRow[]> {
  if (invocation.steps.length > 1) return readStepPartition(state, invocation.commandId, invocation.nodeId);
  const row = await readStepRow(state, invocation, 0);
  return row === undefined ? [] : [row];
}

/** One of them. */
export async function readStep(state: State, invocation: InvocationBody, place: number): Promise<StepBody | undefined> {
  return (await readStepRow(state, invocation, place))?.body;
}

async function readStepRow(
  state: State,
  { commandId, nodeId, result }: InvocationBody,
  place: number,
): Promise<StepRow | undefined> {
  const row = await state.get<StoredStep>(stepKey(commandId, nodeId, place));
  if (row !== undefined) return { body: stepOf(row.body), version: row.version };
  return result?.place === place ? { body: result } : undefined;
}
