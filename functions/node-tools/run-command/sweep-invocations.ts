/** Goes over a command's invocations page by page: cancels those that run, or ends those whose time is over. */
import type { Context } from '../../../core/context.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import type { Row } from '../../../core/state.ts';
import { cancelInvocations } from './cancel-invocations.ts';
import { endInvocations, endsPerTransaction } from './end-invocation.ts';
import { isTerminal } from './states.ts';
import { invocationPartition, readInvocations, shards, type CommandBody, type InvocationBody } from './store.ts';

/** Transactions at once: a fleet's last minute must not take minutes. */
const atOnce = 8;
const pageSize = atOnce * endsPerTransaction;

/**
 * At ExpiresAfter whatever is still open ends as DeliveryTimedOut (run-command.md §4.4). A cancel reaches what was
 * started; what was not, the command's next rounds end.
 * @param after the cursor: `<shard>#<node>`
 * @returns the next page's cursor
 */
export async function sweepInvocations(
  command: CommandBody,
  what: 'cancel' | 'overdue',
  after: string | undefined,
  context: Context,
): Promise<string | undefined> {
  const { rows, next } = await pageOf(command, after, context);
  const open = rows.filter(({ body }) => !isTerminal(body.state) && (what === 'overdue' || body.started));
  await manyAtOnce(chunksOf(open), atOnce, (chunk) =>
    what === 'overdue'
      ? endInvocations(chunk, 'DeliveryTimedOut', context)
      : cancelInvocations(command, chunk, context),
  );
  return next;
}

function* chunksOf(rows: readonly Row<InvocationBody>[]): Generator<readonly Row<InvocationBody>[]> {
  for (let from = 0; from < rows.length; from += endsPerTransaction) yield rows.slice(from, from + endsPerTransaction);
}

async function pageOf(
  { commandId, instanceIds }: CommandBody,
  after: string | undefined,
  context: Context,
): Promise<{ readonly rows: readonly Row<InvocationBody>[]; readonly next: string | undefined }> {
  // Fifty at the most.
  if (instanceIds.length > 0)
    return { rows: await readInvocations(context.state, commandId, instanceIds), next: undefined };
  const [shard = '0', nodeId] = (after ?? '0').split('#');
  const page = await context.state.query<InvocationBody>({
    pk: invocationPartition(commandId, Number(shard)),
    // `from` is inclusive: the one after is its successor in byte order.
    ...(nodeId === undefined ? {} : { from: `${nodeId}\0` }),
    limit: pageSize,
  });
  const last = page.rows.at(-1);
  if (page.next !== undefined && last !== undefined) return { rows: page.rows, next: `${shard}#${last.sk}` };
  return { rows: page.rows, next: Number(shard) + 1 < shards ? String(Number(shard) + 1) : undefined };
}
