/** Invocations: one command on one node, as GetCommandInvocation and ListCommandInvocations show them. */
import type { RequestContext } from '../../../core/context.ts';
import type { SsmInput, SsmOutput } from '../../../core/operations.ts';
import type { Row } from '../../../core/state.ts';
import { lastDigitShardOf } from '../../../core/keys-of-rows.ts';
import { getNode, nodeMatches } from '../../nodes/index.ts';
import { allCommands, type CommandPosition } from './commands.ts';
import { describeInvocation, noLogs } from './describe-invocation.ts';
import { InvalidPluginName, InvocationDoesNotExist } from './errors.ts';
import { checkFilters, invocationMatches } from './filters.ts';
import { collectPage, type Placed } from './listing.ts';
import { newInvocation } from './new-invocation.ts';
import { isoDuration, isoTime, outputUrl } from './output.ts';
import { invocationStatus, isTerminal, pluginStatus } from './states.ts';
import {
  invocationPartition,
  listSortKey,
  nodePartition,
  readCommand,
  readInvocation,
  readInvocationRows,
  readInvocations,
  readStep,
  readSteps,
  readStepsOf,
  shards,
  type CommandBody,
  type InvocationBody,
  type StepBody,
} from './store.ts';

const defaultPage = 50;

export async function getCommandInvocation(
  input: SsmInput<'GetCommandInvocation'>,
  context: RequestContext,
): Promise<SsmOutput<'GetCommandInvocation'>> {
  const place = { commandId: input.CommandId, nodeId: input.InstanceId };
  const invocation =
    (await readInvocation(context.state, place.commandId, place.nodeId))?.body ?? (await notYetSpread(place, context));
  const index =
    input.PluginName === undefined ? 0 : invocation.steps.findIndex((step) => step.name === input.PluginName);
  if (index < 0) throw new InvalidPluginName(`The plugin name ${input.PluginName} is not one of the command's.`);
  // Of several steps none is meant: the whole is shown, without content.
  const whole = input.PluginName === undefined && invocation.steps.length > 1;
  const step = whole ? undefined : await readStep(context.state, invocation, index);
  const ofStep = input.PluginName !== undefined && step !== undefined;
  return {
    CommandId: invocation.commandId,
    InstanceId: invocation.nodeId,
    Comment: invocation.comment,
    DocumentName: invocation.documentName,
    DocumentVersion: invocation.documentVersion,
    PluginName: whole ? '' : (invocation.steps[index]?.name ?? ''),
    ResponseCode: whole
      ? responseCodeOfAll(invocation, await readSteps(context.state, invocation))
      : (step?.responseCode ?? -1),
    ExecutionStartDateTime: isoTime(step?.startedAt),
    ExecutionElapsedTime: isoDuration(step?.startedAt, step?.finishedAt),
    ExecutionEndDateTime: isoTime(step?.finishedAt),
    Status: ofStep ? pluginStatus(step.state) : invocationStatus(invocation.state),
    StatusDetails: ofStep ? step.state : invocation.state,
    StandardOutputContent: step?.standardOutput ?? '',
    StandardOutputUrl: outputUrl(context.settings.filesEndpoint, step, 'stdout'),
    StandardErrorContent: step?.standardError || (invocation.trace ?? ''),
    StandardErrorUrl: outputUrl(context.settings.filesEndpoint, step, 'stderr'),
    CloudWatchOutputConfig: invocation.cloudWatchOutputConfig ?? noLogs,
  };
}

/**
 * With Targets, invocations are written after SendCommand has answered. Until then a node that matches has
 * one all the same: it is pending.
 * @throws InvocationDoesNotExist
 */
async function notYetSpread(
  place: { commandId: string; nodeId: string },
  context: RequestContext,
): Promise<InvocationBody> {
  const command = await readCommand(context.state, place.commandId);
  if (command?.body.phase === 'spreading') {
    const node = await getNode(context, place.nodeId);
    if (node !== undefined && (await nodeMatches(context, place.nodeId, command.body.targets)))
      return newInvocation(command.body, node);
  }
  throw new InvocationDoesNotExist('The command and instance id do not name an invocation.');
}

/** Of several steps: -1 while it runs, then the first that is not 0. */
function responseCodeOfAll(invocation: InvocationBody, steps: readonly StepBody[]): number {
  if (!isTerminal(invocation.state)) return -1;
  return steps.find((step) => step.responseCode !== 0)?.responseCode ?? 0;
}

/** A command's invocations in the order of shards and nodes; a node's, or all, newest command first. */
export async function listCommandInvocations(
  input: SsmInput<'ListCommandInvocations'>,
  context: RequestContext,
): Promise<SsmOutput<'ListCommandInvocations'>> {
  const filters = input.Filters ?? [];
  checkFilters(filters, ['InvokedAfter', 'InvokedBefore', 'Status', 'DocumentName']);
  const page = await collectPage(
    context,
    { token: input.NextToken, limit: input.MaxResults ?? defaultPage, purpose: 'ListCommandInvocations' },
    (after?: Position) => invocationsOf(input, after, context),
    (row) => invocationMatches(row.body, filters),
  );
  const steps = await readStepsOf(
    context.state,
    page.items.map(({ body }) => body),
  );
  return {
    CommandInvocations: page.items.map(({ body }, place) =>
      describeInvocation(body, steps[place] ?? [], input.Details ?? false, context),
    ),
    NextToken: page.nextToken,
  };
}

/** The command the last page ended in, and the node within it. */
interface Position extends Partial<CommandPosition> {
  readonly nodeId: string;
}

type PlacedInvocation = Placed<Row<InvocationBody>, Position>;

async function* invocationsOf(
  input: SsmInput<'ListCommandInvocations'>,
  after: Position | undefined,
  context: RequestContext,
): AsyncGenerator<PlacedInvocation> {
  if (input.CommandId !== undefined) {
    yield* input.InstanceId === undefined
      ? invocationsOfCommand(input.CommandId, after?.nodeId, context)
      : oneInvocation(input.CommandId, input.InstanceId, after, context);
  } else if (input.InstanceId !== undefined) yield* invocationsOfNode(input.InstanceId, after, context);
  else yield* allInvocations(input, after, context);
}

async function* oneInvocation(
  commandId: string,
  nodeId: string,
  after: Position | undefined,
  context: RequestContext,
): AsyncGenerator<PlacedInvocation> {
  const row = after === undefined ? await readInvocation(context.state, commandId, nodeId) : undefined;
  if (row !== undefined) yield { item: row, position: { nodeId } };
}

async function* invocationsOfCommand(
  commandId: string,
  after: string | undefined,
  context: RequestContext,
): AsyncGenerator<PlacedInvocation> {
  const command = await readCommand(context.state, commandId);
  if (command !== undefined) yield* invocationsIn(command.body, after, context);
}

/** Explicit ids are fetched by name; a fleet's are read shard by shard. */
export async function* invocationsIn(
  command: CommandBody,
  after: string | undefined,
  context: Pick<RequestContext, 'state'>,
): AsyncGenerator<PlacedInvocation> {
  if (command.instanceIds.length > 0) {
    const begin = after === undefined ? 0 : command.instanceIds.indexOf(after) + 1;
    for (const row of await readInvocations(context.state, command.commandId, command.instanceIds.slice(begin)))
      yield { item: row, position: { nodeId: row.body.nodeId } };
    return;
  }
  for (let shard = after === undefined ? 0 : lastDigitShardOf(after); shard < shards; shard++) {
    const from = after !== undefined && lastDigitShardOf(after) === shard ? { from: `${after}\0` } : {};
    let next: string | undefined;
    do {
      const page = await context.state.query<InvocationBody>({
        pk: invocationPartition(command.commandId, shard),
        ...from,
        limit: 100,
        after: next,
      });
      for (const row of page.rows) yield { item: row, position: { nodeId: row.body.nodeId } };
      next = page.next;
    } while (next !== undefined);
  }
}

async function* invocationsOfNode(
  nodeId: string,
  after: Position | undefined,
  context: RequestContext,
): AsyncGenerator<PlacedInvocation> {
  const to =
    after?.commandId === undefined || after.requestedAt === undefined
      ? {}
      : { to: listSortKey({ commandId: after.commandId, requestedAt: after.requestedAt }) };
  let next: string | undefined;
  do {
    const page = await context.state.query({
      index: 'index1',
      pk: nodePartition(nodeId),
      ...to,
      reverse: true,
      limit: 50,
      after: next,
    });
    const rows = await readInvocationRows(
      context.state,
      page.rows.map(({ pk, sk }) => ({ pk, sk })),
    );
    for (const row of rows)
      if (row.body.commandId !== after?.commandId)
        yield { item: row, position: { nodeId, commandId: row.body.commandId, requestedAt: row.body.requestedAt } };
    next = page.next;
  } while (next !== undefined);
}

async function* allInvocations(
  input: SsmInput<'ListCommandInvocations'>,
  after: Position | undefined,
  context: RequestContext,
): AsyncGenerator<PlacedInvocation> {
  if (after?.commandId !== undefined) {
    const begun = await readCommand(context.state, after.commandId);
    if (begun !== undefined) yield* withCommand(begun.body, after.nodeId, context);
  }
  const position =
    after?.commandId === undefined || after.requestedAt === undefined
      ? undefined
      : { commandId: after.commandId, requestedAt: after.requestedAt };
  for await (const { item } of allCommands(position, input.Filters ?? [], context))
    yield* withCommand(item.body, undefined, context);
}

async function* withCommand(
  command: CommandBody,
  after: string | undefined,
  context: RequestContext,
): AsyncGenerator<PlacedInvocation> {
  for await (const { item } of invocationsIn(command, after, context))
    yield {
      item,
      position: { nodeId: item.body.nodeId, commandId: command.commandId, requestedAt: command.requestedAt },
    };
}
