/** Walks the invocations of a command that are not over. */
import type { Context } from '../../../core/context.ts';
import type { Row } from '../../../core/state.ts';
import { isTerminal } from './states.ts';
import { invocationPartition, readInvocations, shards, type CommandBody, type InvocationBody } from './store.ts';

/** In pages, as they are read: what is done with a page may be one transaction. */
export async function* openInvocations(
  { commandId, instanceIds }: Pick<CommandBody, 'commandId' | 'instanceIds'>,
  context: Context,
  limit = 100,
): AsyncGenerator<readonly Row<InvocationBody>[]> {
  const open = (rows: readonly Row<InvocationBody>[]): (readonly Row<InvocationBody>[])[] => {
    const found = rows.filter(({ body }) => !isTerminal(body.state));
    return found.length === 0 ? [] : [found];
  };
  if (instanceIds.length > 0) {
    for (let from = 0; from < instanceIds.length; from += limit)
      yield* open(await readInvocations(context.state, commandId, instanceIds.slice(from, from + limit)));
    return;
  }
  for (let shard = 0; shard < shards; shard++) {
    let after: string | undefined;
    do {
      const page = await context.state.query<InvocationBody>({
        pk: invocationPartition(commandId, shard),
        limit,
        after,
      });
      yield* open(page.rows);
      after = page.next;
    } while (after !== undefined);
  }
}
