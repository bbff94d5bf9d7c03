/** Whether a write's condition holds of a row as it is. Pure. */
import type { Condition } from '../../core/state.ts';

export interface Present {
  readonly version: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export function holds(condition: Condition | undefined, row: Present | undefined): boolean {
  if (condition === undefined) return true;
  const { row: presence, version, equals, oneOf, missing } = condition;
  if (presence === 'absent' && row !== undefined) return false;
  if (presence === 'present' && row === undefined) return false;
  if (version !== undefined && row?.version !== version) return false;
  for (const [name, value] of Object.entries(equals ?? {})) if (row?.body[name] !== value) return false;
  for (const [name, values] of Object.entries(oneOf ?? {})) if (!(values as readonly unknown[]).includes(row?.body[name])) return false;
  for (const name of missing ?? []) if (row?.body[name] !== undefined) return false;
  return true;
}
