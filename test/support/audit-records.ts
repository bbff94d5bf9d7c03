/** The audit trail of one day, as it is kept. */
import { queryAll, type State } from '../../core/state.ts';
import { auditPartition } from '../../functions/api/audit.ts';

/** In the order of their writing. @param at a moment of the day, epoch milliseconds */
export async function auditRecords(state: State, at: number): Promise<Record<string, unknown>[]> {
  const day = new Date(at).toISOString().slice(0, 10);
  const rows = [];
  for (let shard = 0; shard < 16; shard++)
    rows.push(...(await queryAll<Record<string, unknown>>(state, { pk: auditPartition(day, shard) })));
  return rows.sort((one, other) => (one.sk < other.sk ? -1 : 1)).map((row) => row.body);
}
