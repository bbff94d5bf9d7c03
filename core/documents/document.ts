/** Reads a document's steps, for the schemas 1.0 and 1.2 (`runtimeConfig`), 2.0 and 2.2 (`mainSteps`). */
import { judge, type Question } from '../patterns/index.ts';
import type { Parameters, Value } from './substitution.ts';

/** The document cannot be run; the message is sent in the reply. */
export class InvalidDocument extends Error {
  override readonly name = 'InvalidDocument';
}

export interface Step {
  /** The name that results have: the step's name, or the plugin's in schema 1.x. */
  readonly name: string;
  /** `aws:runShellScript` */
  readonly action: string;
  /** In schema 1.x one for each entry of `properties`, otherwise one. */
  readonly inputs: readonly Readonly<Record<string, Value>>[];
  readonly precondition?: Value | undefined;
  /** The names of the output's S3 folders: the step's name in schema 2.x, the property's id in 1.x. */
  readonly outputNames: readonly string[];
}

export interface Document {
  readonly schemaVersion: string;
  readonly steps: readonly Step[];
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
}

export interface ParameterDefinition {
  readonly type?: string;
  readonly default?: Value;
  readonly allowedPattern?: string;
  readonly allowedValues?: readonly Value[];
  readonly minChars?: number;
  readonly maxChars?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** `ENV_VAR`: scripts get the value as the variable SSM_<name> instead of as text in their source. */
  readonly interpolationType?: string;
}

const classic = ['1.0', '1.2'];
const stepped = ['2.0', '2.0.1', '2.0.2', '2.0.3', '2.2'];

/** @throws InvalidDocument */
export function readDocument(content: unknown): Document {
  if (!isObject(content)) throw new InvalidDocument('The document is not an object.');
  const schemaVersion = typeof content.schemaVersion === 'string' ? content.schemaVersion : '';
  const parameters = isObject(content.parameters) ? (content.parameters as Document['parameters']) : {};
  if (classic.includes(schemaVersion)) return { schemaVersion, parameters, steps: pluginsOf(content.runtimeConfig) };
  if (stepped.includes(schemaVersion)) return { schemaVersion, parameters, steps: stepsOf(content.mainSteps) };
  throw new InvalidDocument(`The document's schemaVersion ${JSON.stringify(content.schemaVersion)} is not supported.`);
}

function pluginsOf(runtimeConfig: unknown): Step[] {
  if (!isObject(runtimeConfig)) throw new InvalidDocument('The document has no runtimeConfig.');
  return Object.entries(runtimeConfig).map(([action, configuration]) => {
    const properties = isObject(configuration) ? configuration.properties : undefined;
    const inputs = (Array.isArray(properties) ? properties : [properties ?? {}]) as Readonly<Record<string, Value>>[];
    if (!inputs.every(isObject)) throw new InvalidDocument(`The properties of ${action} are not objects.`);
    return {
      name: action,
      action,
      inputs,
      outputNames: inputs.map((input, index) =>
        (typeof input.id === 'string' ? input.id : `${index}.${action}`).replaceAll(':', ''),
      ),
    };
  });
}

function stepsOf(mainSteps: unknown): Step[] {
  if (!Array.isArray(mainSteps) || mainSteps.length === 0) throw new InvalidDocument('The document has no mainSteps.');
  const names = new Set<string>();
  return mainSteps.map((step: unknown) => {
    if (!isObject(step) || typeof step.action !== 'string' || typeof step.name !== 'string')
      throw new InvalidDocument('A step of the document has no action or no name.');
    if (names.has(step.name)) throw new InvalidDocument(`Two steps of the document are named ${step.name}.`);
    names.add(step.name);
    const inputs = step.inputs ?? {};
    if (!isObject(inputs)) throw new InvalidDocument(`The inputs of ${step.name} are not an object.`);
    return {
      name: step.name,
      action: step.action,
      inputs: [inputs as Readonly<Record<string, Value>>],
      precondition: step.precondition as Value | undefined,
      outputNames: [step.name.replaceAll(':', '')],
    };
  });
}

/**
 * The values that a document runs with: the given ones, and defaults for the rest.
 * @param caller who gave the values: callers take turns (core/patterns)
 * @throws InvalidDocument for a value that does not match its allowedPattern, or a required one that is absent
 */
export async function parameterValues(
  definitions: Document['parameters'],
  given: Parameters,
  caller: string,
): Promise<Parameters> {
  const values: [name: string, value: Value][] = [];
  const questions: (Question & { readonly name: string })[] = [];
  for (const [name, { default: preset, allowedPattern: pattern }] of Object.entries(definitions)) {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = own ?? preset;
    if (own === undefined && preset === undefined) throw new InvalidDocument(`The parameter ${name} is required.`);
    if (value === undefined || value === null) continue;
    values.push([name, value]);
    if (pattern !== undefined) for (const text of textsOf(value)) questions.push({ name, pattern, text });
  }
  const judgements = await judge(questions, caller);
  for (const [index, { name, pattern }] of questions.entries())
    if (judgements[index] !== 'match')
      throw new InvalidDocument(
        judgements[index] === 'unjudged'
          ? `The value of the parameter ${name} takes too long to compare with its allowedPattern ${pattern}.`
          : `The value of the parameter ${name} does not match its allowedPattern ${pattern}.`,
      );
  return Object.fromEntries(values);
}

function textsOf(value: Value): string[] {
  const items = Array.isArray(value) ? (value as readonly Value[]) : [value];
  return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
