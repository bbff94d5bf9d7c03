/** Checks the models' constraints. One message lists all violations of an input, in the order of its members. */
import { ValidationException } from '../../../core/errors.ts';
import type { Model, Shape } from '../model.ts';
import { compiler } from './compile.ts';
import { javaPattern } from './pattern.ts';
import { lowerFirst, valueText } from './value-text.ts';

/** Adds the violations of a value that is present. `null`: the shape has no constraint. */
type Check = ((value: unknown, path: string, violations: string[]) => void) | null;

/** A check, and whether messages must hide the value. */
interface Compiled {
  readonly check: Check;
  readonly sensitive: boolean;
  /** The rules that a message about a list states for its simple values. */
  readonly rules: readonly Rule[];
  readonly simple: boolean;
}

interface Rule {
  /** `Member must …` */
  readonly text: string;
  readonly holds: (value: never) => boolean;
}

/**
 * The check of an input shape.
 * @returns a function that throws ValidationException with AWS's wording
 */
export function checks(model: Pick<Model, 'shapes'>): (name: string) => (input: object) => void {
  const of = compiler<Compiled>(model, build, (resolve) => ({
    check: (value, path, violations) => resolve().check?.(value, path, violations),
    sensitive: false,
    rules: [],
    simple: false,
  }));
  return (name) => {
    const { check } = of(name);
    return (input) => {
      if (check === null) return;
      const violations: string[] = [];
      check(input, '', violations);
      if (violations.length === 0) return;
      throw new ValidationException(
        `${violations.length} validation error${violations.length === 1 ? '' : 's'} detected: ${violations.join('; ')}`,
      );
    };
  };
}

function build(shape: Shape, of: (name: string) => Compiled): Compiled {
  switch (shape.type) {
    case 'structure':
      return structure(shape, of);
    case 'list':
      return list(shape, of(shape.member?.shape ?? ''));
    case 'map':
      return map(shape, of(shape.key?.shape ?? ''), of(shape.value?.shape ?? ''));
    default: {
      const rules = rulesOf(shape);
      const sensitive = shape.sensitive === true;
      return {
        check:
          rules.length === 0 ? null : (value, path, violations) => judge(rules, value, path, sensitive, violations),
        sensitive,
        rules,
        simple: true,
      };
    }
  }
}

function structure(
  { members = {}, required = [], union, sensitive: own }: Shape,
  of: (name: string) => Compiled,
): Compiled {
  const fields = Object.entries(members).map(([name, member]) => ({
    name,
    path: lowerFirst(name),
    required: required.includes(name),
    ...of(member.shape),
  }));
  const sensitive = own === true || fields.some((field) => field.sensitive);
  const checked = fields.filter((field) => field.required || field.check !== null);
  if (checked.length === 0 && union !== true) return { check: null, sensitive, rules: [], simple: false };
  const check: Check = (value, path, violations) => {
    const given = value as Readonly<Record<string, unknown>>;
    if (union === true && Object.keys(given).length !== 1)
      violations.push(violation(value, path, sensitive, 'Member must have exactly one of its members set'));
    for (const field of checked) {
      const member = given[field.name];
      if (member !== undefined) field.check?.(member, join(path, field.path), violations);
      else if (field.required)
        violations.push(
          `Value null at '${join(path, field.path)}' failed to satisfy constraint: Member must not be null`,
        );
    }
  };
  return { check, sensitive, rules: [], simple: false };
}

function list(shape: Shape, member: Compiled): Compiled {
  const rules = rulesOf(shape);
  const sensitive = shape.sensitive === true || member.sensitive;
  const check: Check = (value, path, violations) => {
    const elements = value as readonly unknown[];
    judge(rules, value, path, sensitive, violations);
    if (member.simple) {
      const broken = elements.some(
        (element) => element === null || member.rules.some((rule) => !rule.holds(element as never)),
      );
      if (broken)
        violations.push(
          violation(
            value,
            path,
            sensitive,
            `Member must satisfy constraint: [${(member.rules.length === 0 ? ['Member must not be null'] : member.rules.map((rule) => rule.text)).join(', ')}]`,
          ),
        );
      return;
    }
    for (const [at, element] of elements.entries()) {
      const elementPath = `${path}.${at + 1}.member`;
      if (element === null)
        violations.push(`Value null at '${elementPath}' failed to satisfy constraint: Member must not be null`);
      else member.check?.(element, elementPath, violations);
    }
  };
  return { check, sensitive, rules: [], simple: false };
}

function map(shape: Shape, key: Compiled, member: Compiled): Compiled {
  const rules = rulesOf(shape);
  const sensitive = shape.sensitive === true || key.sensitive || member.sensitive;
  const check: Check = (value, path, violations) => {
    const entries = Object.entries(value as Readonly<Record<string, unknown>>);
    judge(rules, entries, path, sensitive, violations, value);
    if (entries.some(([name]) => key.rules.some((rule) => !rule.holds(name as never))))
      violations.push(
        violation(
          value,
          path,
          sensitive,
          `Map keys must satisfy constraint: [${key.rules.map((rule) => rule.text).join(', ')}]`,
        ),
      );
    for (const [name, element] of entries) {
      const elementPath = `${path}.${name}.member`;
      if (element === null)
        violations.push(`Value null at '${elementPath}' failed to satisfy constraint: Member must not be null`);
      else member.check?.(element, elementPath, violations);
    }
  };
  return { check, sensitive, rules: [], simple: false };
}

function judge(
  rules: readonly Rule[],
  value: unknown,
  path: string,
  sensitive: boolean,
  violations: string[],
  shown = value,
): void {
  for (const rule of rules)
    if (!rule.holds(value as never)) violations.push(violation(shown, path, sensitive, rule.text));
}

function violation(value: unknown, path: string, sensitive: boolean, rule: string): string {
  return `${sensitive ? 'Value' : `Value '${valueText(value)}'`} at '${path}' failed to satisfy constraint: ${rule}`;
}

function rulesOf(shape: Shape): Rule[] {
  const { min, max, pattern } = shape;
  const rules: Rule[] = [];
  if (shape.type === 'string') {
    if (min !== undefined && min > 0)
      rules.push({
        text: `Member must have length greater than or equal to ${min}`,
        holds: (text: string) => text.length >= min && (text.length >= 2 * min || codePoints(text) >= min),
      });
    if (max !== undefined)
      rules.push({
        text: `Member must have length less than or equal to ${max}`,
        holds: (text: string) => text.length <= max || (text.length <= 2 * max && codePoints(text) <= max),
      });
    if (pattern !== undefined) rules.push(patternRule(pattern, max));
    if (shape.enum !== undefined) rules.push(enumRule(shape.enum));
  } else if (shape.type === 'list' || shape.type === 'map' || shape.type === 'blob') {
    if (min !== undefined && min > 0)
      rules.push({
        text: `Member must have length greater than or equal to ${min}`,
        holds: (value: { length: number }) => value.length >= min,
      });
    if (max !== undefined)
      rules.push({
        text: `Member must have length less than or equal to ${max}`,
        holds: (value: { length: number }) => value.length <= max,
      });
  } else if (shape.type !== 'structure' && shape.type !== 'boolean' && shape.type !== 'timestamp') {
    if (min !== undefined)
      rules.push({
        text: `Member must have value greater than or equal to ${min}`,
        holds: (value: number) => value >= min,
      });
    if (max !== undefined)
      rules.push({
        text: `Member must have value less than or equal to ${max}`,
        holds: (value: number) => value <= max,
      });
  }
  return rules;
}

/** A text that is too long is not matched: the violation of its length is enough, and matching takes time. */
function patternRule(pattern: string, max = Infinity): Rule {
  let expression: RegExp | undefined;
  return {
    text: `Member must satisfy regular expression pattern: ${pattern}`,
    holds: (text: string) => text.length > 2 * max || (expression ??= javaPattern(pattern)).test(text),
  };
}

function enumRule(values: readonly string[]): Rule {
  const known = new Set(values);
  return {
    text: `Member must satisfy enum value set: [${values.join(', ')}]`,
    holds: (text: string) => known.has(text),
  };
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
