/** The dead letters that are kept. */
import { deadLetterPartition, readDeadLetter, type DeadLetter } from '../../core/dead-letters.ts';
import { queryAll, type State } from '../../core/state.ts';

/** Oldest first. */
export async function deadLettersOf(state: State): Promise<DeadLetter[]> {
  const rows = await queryAll(state, { pk: deadLetterPartition });
  return Promise.all(rows.map(({ body }) => readDeadLetter(body, state)));
}
