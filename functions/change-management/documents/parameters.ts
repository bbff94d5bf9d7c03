/** Parameters: what a document declares, what a caller may give, and what a node gets. Pure. */
import { InvalidParameters } from '../../../core/errors.ts';
import { judge, type Question } from '../../../core/patterns/index.ts';

/** The types of a Command or Policy document's parameters. AWS's API names only the first two. */
export const parameterTypes = ['String', 'StringList', 'Boolean', 'Integer', 'StringMap', 'MapList'] as const;
export type ParameterType = (typeof parameterTypes)[number];

/** A parameter as the document declares it. */
export interface ParameterDefinition {
  readonly type: ParameterType;
  readonly description?: string;
  readonly default?: unknown;
  readonly allowedValues?: readonly unknown[];
  readonly allowedPattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minChars?: number;
  readonly maxChars?: number;
}

export interface NamedParameter extends ParameterDefinition {
  readonly name: string;
}

/** Values as the API takes them: always lists of strings. */
export type ParameterValues = Readonly<Record<string, readonly string[]>>;

/** A reference that the node resolves: the value cannot be checked before. */
const stored = /\{\{\s*ssm:/;

/** The parameters that a document declares, in its order. */
export function parametersOf(content: { readonly parameters?: unknown }): NamedParameter[] {
  const declared = (content.parameters ?? {}) as Readonly<Record<string, ParameterDefinition>>;
  return Object.entries(declared).map(([name, definition]) => ({ ...definition, name }));
}

/**
 * Checks whether these values may be given to the document.
 * @param caller who gives them: an ARN
 * @throws InvalidParameters naming the first value that is not allowed
 */
export async function checkParameters(
  document: { readonly name: string; readonly parameters: readonly NamedParameter[] },
  given: ParameterValues,
  caller: string,
): Promise<void> {
  const declared = new Map(document.parameters.map((parameter) => [parameter.name, parameter]));
  for (const name of Object.keys(given))
    if (!declared.has(name))
      throw new InvalidParameters(`Document ${document.name} has no parameter ${name}.${known(declared)}`);
  for (const parameter of document.parameters) {
    const values = Object.hasOwn(given, parameter.name) ? given[parameter.name] : undefined;
    if (values !== undefined) checkValues(parameter, values);
    else if (parameter.default === undefined)
      throw new InvalidParameters(`The parameter ${parameter.name} of document ${document.name} is required.`);
  }
  await checkPatterns(document.parameters, given, caller);
}

async function checkPatterns(
  parameters: readonly NamedParameter[],
  given: ParameterValues,
  caller: string,
): Promise<void> {
  const questions: (Question & { readonly name: string })[] = [];
  for (const { name, allowedPattern: pattern } of parameters)
    if (pattern !== undefined && Object.hasOwn(given, name))
      for (const text of given[name] ?? []) if (!stored.test(text)) questions.push({ name, pattern, text });
  const judgements = await judge(questions, caller);
  for (const [index, { name, pattern }] of questions.entries()) {
    if (judgements[index] === 'unjudged')
      throw new InvalidParameters(
        `The value of parameter ${name} takes too long to compare with the pattern ${pattern}`,
      );
    if (judgements[index] !== 'match')
      throw new InvalidParameters(`The value of parameter ${name} does not match the pattern ${pattern}`);
  }
}

/** Values in the form that nodes take: a String as text, a StringList as a list. The agent fills in defaults. */
export function typedParameters(
  document: { readonly parameters: readonly NamedParameter[] },
  given: ParameterValues,
): Record<string, unknown> {
  return Object.fromEntries(
    document.parameters
      .filter(({ name }) => Object.hasOwn(given, name))
      .map(({ name, type }) => [name, typedValue(type, given[name] ?? [])]),
  );
}

function known(declared: ReadonlyMap<string, unknown>): string {
  return declared.size === 0 ? ' It has none.' : ` It has: ${[...declared.keys()].join(', ')}.`;
}

function checkValues(parameter: NamedParameter, values: readonly string[]): void {
  const { name, type } = parameter;
  if (isList(type)) checkCount(parameter, values.length);
  else if (values.length !== 1)
    throw new InvalidParameters(`The parameter ${name} takes one value, not ${values.length}.`);
  for (const value of values) if (!stored.test(value)) checkValue(parameter, value);
}

function checkCount({ name, minItems, maxItems }: NamedParameter, count: number): void {
  if (minItems !== undefined && count < minItems)
    throw new InvalidParameters(`The parameter ${name} takes at least ${minItems} values, not ${count}.`);
  if (maxItems !== undefined && count > maxItems)
    throw new InvalidParameters(`The parameter ${name} takes at most ${maxItems} values, not ${count}.`);
}

function checkValue(parameter: NamedParameter, value: string): void {
  const { name, type, allowedValues, minChars, maxChars } = parameter;
  checkType(name, type, value);
  if (allowedValues !== undefined && !allowedValues.some((allowed) => asText(allowed) === value))
    throw new InvalidParameters(
      `The value of parameter ${name} is none of the allowed: ${allowedValues.map(asText).join(', ')}.`,
    );
  if (minChars !== undefined && value.length < minChars)
    throw new InvalidParameters(`The value of parameter ${name} has fewer than ${minChars} characters.`);
  if (maxChars !== undefined && value.length > maxChars)
    throw new InvalidParameters(`The value of parameter ${name} has more than ${maxChars} characters.`);
}

function checkType(name: string, type: ParameterType, value: string): void {
  if (type === 'Boolean' && value !== 'true' && value !== 'false')
    throw new InvalidParameters(`The value of parameter ${name} is neither true nor false.`);
  if (type === 'Integer' && !/^-?\d{1,15}$/.test(value))
    throw new InvalidParameters(`The value of parameter ${name} is not an integer.`);
  if ((type === 'StringMap' || type === 'MapList') && !isJsonObject(value))
    throw new InvalidParameters(`The value of parameter ${name} is not a JSON object.`);
}

function typedValue(type: ParameterType, values: readonly string[]): unknown {
  if (type === 'StringList') return values;
  if (type === 'MapList') return values.map((value) => (stored.test(value) ? value : (JSON.parse(value) as unknown)));
  const value = values[0] ?? '';
  if (stored.test(value)) return value;
  if (type === 'Boolean') return value === 'true';
  if (type === 'Integer') return Number(value);
  // A StringMap stays text: aws:downloadContent accepts its sourceInfo only as text, and other plugins accept both.
  return value;
}

export function isList(type: ParameterType): boolean {
  return type === 'StringList' || type === 'MapList';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
