/** Dead letters for people: `GET /x/dead-letters`, `POST /x/dead-letters/{id}/replay`, `DELETE /x/dead-letters/{id}`. */
import type { Context } from '../../core/context.ts';
import { deadLetterKey, deadLetterPartition, type DeadLetter } from '../../core/dead-letters.ts';
import { ApiError } from '../../core/errors.ts';
import type { Extensions } from '../../core/extensions.ts';
import { ConditionFailed, queryAll } from '../../core/state.ts';
import { scheduleTimer } from '../../core/timers.ts';

export class DeadLetterNotFound extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}

/** Oldest first. */
export async function listDeadLetters(context: Context): Promise<DeadLetter[]> {
  const rows = await queryAll<DeadLetter>(context.state, { pk: deadLetterPartition });
  return rows.map((row) => row.body).sort((one, other) => one.failedAt - other.failedAt);
}

/**
 * Does it again: an event is published anew, to every route (handlers bear an event twice), a timer falls
 * due now. The letter is gone in the same transaction; should it fail again, it comes back as a new one.
 * @throws DeadLetterNotFound
 */
export async function replayDeadLetter(id: string, context: Context): Promise<void> {
  const row = await context.state.get<DeadLetter>(deadLetterKey(id));
  if (row === undefined) throw new DeadLetterNotFound(`There is no dead letter ${id}.`);
  const letter = row.body;
  const when = { version: row.version };
  if (letter.kind === 'event') await context.state.write({ delete: deadLetterKey(id), when, events: [letter.event] });
  else await context.state.transact([{ delete: deadLetterKey(id), when }, scheduleTimer({ ...letter.timer, due: context.clock.now() })]);
}

export const extensions: Extensions = {
  'GET /x/dead-letters': { roles: ['admin', 'operator', 'viewer'], run: async (_request, context) => ({ DeadLetters: await listDeadLetters(context) }) },
  'POST /x/dead-letters/{id}/replay': {
    roles: ['admin', 'operator'],
    run: async ({ path }, context) => {
      await replayDeadLetter(path.id ?? '', context);
      return {};
    },
  },
  'DELETE /x/dead-letters/{id}': {
    roles: ['admin', 'operator'],
    run: async ({ path }, context) => {
      try {
        await context.state.write({ delete: deadLetterKey(path.id ?? ''), when: { row: 'present' } });
      } catch (error) {
        if (error instanceof ConditionFailed) throw new DeadLetterNotFound(`There is no dead letter ${path.id}.`, {});
        throw error;
      }
      return {};
    },
  },
};
