/** Walks the invocations of a command that are not over. */
import type { Context } from '../../../core/context.ts';
import { isTerminal } from './states.ts';
import { invocationPartition, shards, type InvocationBody } from './store.ts';

export async function* openInvocations(commandId: string, context: Context): AsyncGenerator<InvocationBody> {
  for (let shard = 0; shard < shards; shard++) {
    let after: string | undefined;
    do {
      const page = await context.state.query<InvocationBody>({ pk: invocationPartition(commandId, shard), limit: 100, after });
      for (const { body } of page.rows) if (!isTerminal(body.state)) yield body;
      after = page.next;
    } while (after !== undefined);
  }
}
