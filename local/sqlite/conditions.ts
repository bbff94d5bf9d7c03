/** Checks a write's condition against the current row. Pure. */
import type { Condition, Row } from '../../core/state.ts';

/** @param row undefined where there is none, or it has expired */
export function isConditionMet(
  condition: Condition | undefined,
  row: Pick<Row, 'version' | 'body'> | undefined,
): boolean {
  if (condition === undefined) return true;
  const { row: presence, version, equals, oneOf, missing } = condition;
  if (presence === 'absent' && row !== undefined) return false;
  if (presence === 'present' && row === undefined) return false;
  if (version !== undefined && row?.version !== version) return false;
  const body = (row?.body ?? {}) as Readonly<Record<string, unknown>>;
  const member = (name: string): unknown => (Object.hasOwn(body, name) ? body[name] : undefined);
  for (const [name, value] of Object.entries(equals ?? {})) if (member(name) !== value) return false;
  for (const [name, values] of Object.entries(oneOf ?? {}))
    if (!(values as readonly unknown[]).includes(member(name))) return false;
  for (const name of missing ?? []) if (member(name) !== undefined) return false;
  return true;
}
