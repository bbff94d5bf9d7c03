/**
 * EventBridge's event patterns: a pattern names members and lists the values that each may have; all named members must
 * match. The matchers are AWS's: exact values, prefix, suffix, equals-ignore-case, anything-but, numeric, exists, cidr,
 * wildcard, and $or. Pure.
 */
import { BlockList, isIP } from 'node:net';
import { matchesWildcard, readWildcard } from './patterns/index.ts';

export type Pattern = { readonly [member: string]: unknown };

/**
 * Whether an event matches a pattern.
 * @param event the whole event, or the part of it that `pattern` is about
 * @throws TypeError when a part of the pattern that is looked at is not valid
 * @example
 * matchesPattern({ detail: { status: ['Failed', { prefix: 'Timed' }] } }, event)
 */
export function matchesPattern(pattern: Pattern, event: unknown): boolean {
  // A list of objects matches where one of its objects does.
  if (Array.isArray(event)) return event.some((element) => matchesPattern(pattern, element));
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or' && Array.isArray(wanted) && wanted.every(isObject))
      return wanted.some((alternative) => matchesPattern(alternative, event));
    const value = isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
    if (Array.isArray(wanted)) return wanted.some((matcher) => matchesLeaf(matcher, value));
    // Below an absent member only `exists: false` can match; the recursion finds that.
    if (isObject(wanted)) return matchesPattern(wanted, value);
    throw new TypeError(`${name} in an event pattern must be a list or an object`);
  });
}

function matchesLeaf(matcher: unknown, value: unknown): boolean {
  if (isObject(matcher) && 'exists' in matcher) return matcher.exists === isLeaf(value);
  // A list matches where one of its elements does.
  const values = Array.isArray(value) ? value : [value];
  return values.some((one) => matchesValue(matcher, one));
}

function isLeaf(value: unknown): boolean {
  return value !== undefined && !isObject(value);
}

function matchesValue(matcher: unknown, value: unknown): boolean {
  if (!isObject(matcher)) return value !== undefined && matcher === value;
  const [kind, operand] = Object.entries(matcher)[0] ?? [];
  switch (kind) {
    case 'prefix':
    case 'suffix':
      return typeof value === 'string' && matchesEnd(kind, operand, value);
    case 'equals-ignore-case':
      return typeof value === 'string' && typeof operand === 'string' && value.toLowerCase() === operand.toLowerCase();
    case 'wildcard':
      return (
        typeof value === 'string' &&
        typeof operand === 'string' &&
        matchesWildcard(readWildcard(operand, { escapes: true }), value)
      );
    case 'numeric':
      return typeof value === 'number' && Array.isArray(operand) && matchesNumeric(operand, value);
    case 'cidr':
      return typeof value === 'string' && typeof operand === 'string' && matchesCidr(operand, value);
    case 'anything-but':
      return (
        value !== undefined &&
        !isObject(value) &&
        !(isObject(operand) ? matchesExcept(operand, value) : [operand].flat().includes(value))
      );
    default:
      throw new TypeError(`an event pattern has no matcher ${kind}`);
  }
}

/** `anything-but` around a matcher, whose operand may be a list. */
function matchesExcept(matcher: Pattern, value: unknown): boolean {
  const [kind, operand] = Object.entries(matcher)[0] ?? [];
  return [operand].flat().some((one) => matchesValue({ [String(kind)]: one }, value));
}

function matchesEnd(kind: 'prefix' | 'suffix', operand: unknown, value: string): boolean {
  const text = isObject(operand) ? operand['equals-ignore-case'] : operand;
  if (typeof text !== 'string') throw new TypeError(`${kind} in an event pattern must be text`);
  const [subject, end] = isObject(operand) ? [value.toLowerCase(), text.toLowerCase()] : [value, text];
  return kind === 'prefix' ? subject.startsWith(end) : subject.endsWith(end);
}

function matchesNumeric(comparisons: readonly unknown[], value: number): boolean {
  for (let at = 0; at < comparisons.length; at += 2) {
    const bound = comparisons[at + 1];
    if (typeof bound !== 'number') throw new TypeError('numeric in an event pattern compares with numbers');
    if (!compares(comparisons[at], value, bound)) return false;
  }
  return true;
}

function compares(operator: unknown, value: number, bound: number): boolean {
  switch (operator) {
    case '=':
      return value === bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    default:
      throw new TypeError(`numeric in an event pattern has no operator ${String(operator)}`);
  }
}

function matchesCidr(cidr: string, value: string): boolean {
  const [network = '', bits] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(value) !== family) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, Number(bits ?? (family === 4 ? 32 : 128)), type);
  return list.check(value, type);
}

function isObject(value: unknown): value is Pattern {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
