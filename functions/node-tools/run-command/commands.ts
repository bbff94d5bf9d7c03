/** Commands as the API shows them, and their list. */
import type { Command, CommandFilter, NotificationConfig } from '@aws-sdk/client-ssm';
import type { RequestContext } from '../../../core/context.ts';
import { InvalidFilterKey } from '../../../core/errors.ts';
import type { SsmInput, SsmOutput } from '../../../core/operations.ts';
import type { Row } from '../../../core/state.ts';
import { completedCount } from '../../fan-out/index.ts';
import { checkFilters, commandMatches } from './filters.ts';
import { collectPage, type Placed } from './listing.ts';
import { errorCount } from './roll-up.ts';
import { commandStatus } from './states.ts';
import {
  commandIdOf,
  dayPartition,
  listSortKey,
  nodePartition,
  readCommand,
  readCommands,
  readInvocation,
  type CommandBody,
} from './store.ts';

const day = 24 * 3600 * 1000;
const retentionDays = 30;
const defaultPage = 50;

/** What is shown where nobody is notified. */
export const noNotification: NotificationConfig = {
  NotificationArn: '',
  NotificationEvents: [],
  NotificationType: '' as never,
};

export function describeCommand(command: CommandBody): Command {
  return {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    DocumentVersion: command.documentVersion,
    Comment: command.comment,
    ExpiresAfter: new Date(command.expiresAt),
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets,
    RequestedDateTime: new Date(command.requestedAt),
    Status: commandStatus(command.state),
    StatusDetails: command.state,
    OutputS3Region: command.outputS3Region,
    OutputS3BucketName: command.outputS3BucketName,
    OutputS3KeyPrefix: command.outputS3KeyPrefix,
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: command.targetCount,
    CompletedCount: completedCount(command.tally),
    ErrorCount: errorCount(command.tally),
    DeliveryTimedOutCount: command.tally.DeliveryTimedOut ?? 0,
    ServiceRole: command.serviceRole,
    NotificationConfig: command.notificationConfig ?? noNotification,
    CloudWatchOutputConfig: command.cloudWatchOutputConfig ?? {
      CloudWatchLogGroupName: '',
      CloudWatchOutputEnabled: false,
    },
    TimeoutSeconds: command.timeoutSeconds,
    AlarmConfiguration: command.alarmConfiguration,
    TriggeredAlarms: [...(command.triggeredAlarms ?? [])],
  };
}

/** Newest first. Filters match Status or StatusDetails, as AWS's do. */
export async function listCommands(
  input: SsmInput<'ListCommands'>,
  context: RequestContext,
): Promise<SsmOutput<'ListCommands'>> {
  const filters = input.Filters ?? [];
  checkFilters(filters, ['InvokedAfter', 'InvokedBefore', 'Status', 'ExecutionStage', 'DocumentName']);
  if (input.InstanceId !== undefined && filters.some((filter) => filter.key === 'Status' && filter.value === 'Pending'))
    throw new InvalidFilterKey('Commands of one instance cannot be filtered by the status Pending.');
  const page = await collectPage(
    context,
    { token: input.NextToken, limit: input.MaxResults ?? defaultPage, purpose: 'ListCommands' },
    (after?: CommandPosition) => commandsOf(input, after, context),
    (row) => commandMatches(row.body, filters),
  );
  return { Commands: page.items.map((row) => describeCommand(row.body)), NextToken: page.nextToken };
}

/** Where a list of commands goes on: after this place of this UTC day. */
export interface CommandPosition {
  readonly requestedAt: number;
  readonly commandId: string;
}

async function* commandsOf(
  input: SsmInput<'ListCommands'>,
  after: CommandPosition | undefined,
  context: RequestContext,
): AsyncGenerator<Placed<Row<CommandBody>, CommandPosition>> {
  if (input.CommandId !== undefined) {
    const row = after === undefined ? await readCommand(context.state, input.CommandId) : undefined;
    const theirs =
      input.InstanceId === undefined ||
      (await readInvocation(context.state, input.CommandId, input.InstanceId)) !== undefined;
    if (row !== undefined && theirs) yield { item: row, position: positionOf(row.body) };
    return;
  }
  yield* input.InstanceId === undefined
    ? allCommands(after, input.Filters ?? [], context)
    : commandsOfNode(input.InstanceId, after, context);
}

/** Every command of the last 30 days, newest first; the filters spare us the days they rule out. */
export async function* allCommands(
  after: CommandPosition | undefined,
  filters: readonly CommandFilter[],
  context: RequestContext,
): AsyncGenerator<Placed<Row<CommandBody>, CommandPosition>> {
  const times = (key: string): number[] =>
    filters.filter((filter) => filter.key === key).map((filter) => Date.parse(filter.value ?? ''));
  const newest = Math.min(after?.requestedAt ?? context.clock.now(), ...times('InvokedBefore'));
  const oldest = Math.max(context.clock.now() - retentionDays * day, ...times('InvokedAfter'));
  const firstDay = Date.parse(new Date(newest).toISOString().slice(0, 10));
  for (let start = firstDay; start > oldest - day; start -= day) {
    let next: string | undefined;
    do {
      const page = await context.state.query<{ commandId: string }>({
        pk: dayPartition(start),
        ...(after === undefined ? {} : { to: listSortKey(after) }),
        reverse: true,
        limit: 50,
        after: next,
      });
      yield* inOrder(
        page.rows.map((row) => row.body.commandId),
        after,
        context,
      );
      next = page.next;
    } while (next !== undefined);
  }
}

async function* commandsOfNode(
  nodeId: string,
  after: CommandPosition | undefined,
  context: RequestContext,
): AsyncGenerator<Placed<Row<CommandBody>, CommandPosition>> {
  let next: string | undefined;
  do {
    const page = await context.state.query({
      index: 'index1',
      pk: nodePartition(nodeId),
      ...(after === undefined ? {} : { to: listSortKey(after) }),
      reverse: true,
      limit: 50,
      after: next,
    });
    yield* inOrder(page.rows.map(commandIdOf), after, context);
    next = page.next;
  } while (next !== undefined);
}

async function* inOrder(
  commandIds: readonly string[],
  after: CommandPosition | undefined,
  context: RequestContext,
): AsyncGenerator<Placed<Row<CommandBody>, CommandPosition>> {
  const rows = new Map((await readCommands(context.state, commandIds)).map((row) => [row.body.commandId, row]));
  for (const id of commandIds) {
    const row = rows.get(id);
    // The page begins with the command that the last one ended with.
    if (row !== undefined && id !== after?.commandId) yield { item: row, position: positionOf(row.body) };
  }
}

function positionOf(command: CommandBody): CommandPosition {
  return { requestedAt: command.requestedAt, commandId: command.commandId };
}
