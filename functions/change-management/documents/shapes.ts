/** Checks of a value's shape that several rules share. Pure. */
import type { Path } from './content.ts';
import type { Violations } from './violations.ts';

export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a mapping; anything else is a fault. */
export function mapping(value: unknown, path: Path, faults: Violations): Mapping | undefined {
  if (isMapping(value)) return value;
  faults.add(path, 'must be a mapping of names to values');
  return undefined;
}

/** Checks that each member is one of these. */
export function onlyMembers(value: Mapping, allowed: readonly string[], path: Path, faults: Violations): void {
  for (const member of Object.keys(value))
    if (!allowed.includes(member)) faults.add([...path, member], `is not known here; known are ${allowed.join(', ')}`);
}

/** The member as text, where it exists; anything else is a fault. */
export function text(value: Mapping, member: string, path: Path, faults: Violations): string | undefined {
  const given = value[member];
  if (given === undefined || typeof given === 'string') return given;
  faults.add([...path, member], 'must be text; write it in quotes');
  return undefined;
}

/** The member as a number of at least 0, where it exists; anything else is a fault. */
export function count(value: Mapping, member: string, path: Path, faults: Violations): number | undefined {
  const given = value[member];
  if (given === undefined) return undefined;
  const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number;
  faults.add([...path, member], 'must be a whole number');
  return undefined;
}

/** Whether a value is `true` or `false`, with or without quotes, or a reference that may become one. */
export function isSwitch(value: unknown): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && /^(true|false|\{\{.*\}\})$/.test(value));
}
