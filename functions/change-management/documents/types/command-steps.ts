/** The rules for the steps of schema 2.x and the runtimeConfig of schema 1.2. Pure. */
import type { Path } from '../content.ts';
import { plugins } from './plugins.ts';
import { mapping, onlyMembers, text, type Mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';

/** The members that agents read. They ignore the values of maxAttempts, timeoutSeconds and onFailure. */
const stepMembers = [
  'action',
  'name',
  'description',
  'inputs',
  'precondition',
  'settings',
  'maxAttempts',
  'timeoutSeconds',
  'onFailure',
  'isCritical',
  'isEnd',
  'nextStep',
  'outputs',
];
const pluginMembers = ['properties', 'settings', 'description'];

/** Adds the faults of `mainSteps`. */
export function checkMainSteps(steps: unknown, schemaVersion: string, faults: Violations): void {
  const path = ['mainSteps'];
  if (!Array.isArray(steps))
    return faults.add(
      steps === undefined ? [] : path,
      steps === undefined ? `has no mainSteps, which schema ${schemaVersion} needs` : 'must be a list of steps',
    );
  if (steps.length === 0) return faults.add(path, 'has no steps');
  const names = new Map<string, number>();
  for (const [at, step] of (steps as readonly unknown[]).entries()) {
    const given = mapping(step, [...path, at], faults);
    if (given === undefined) continue;
    checkStep(given, schemaVersion, [...path, at], faults);
    if (typeof given.name !== 'string') continue;
    const first = names.get(given.name);
    if (first !== undefined)
      faults.add([...path, at, 'name'], `${given.name} is the name of mainSteps[${first}] already`);
    else names.set(given.name, at);
  }
}

/** Adds the faults of `runtimeConfig`. */
export function checkRuntimeConfig(config: unknown, faults: Violations): void {
  if (config === undefined) return faults.add([], 'has no runtimeConfig, which schema 1.2 needs');
  const given = mapping(config, ['runtimeConfig'], faults);
  if (given === undefined) return;
  if (Object.keys(given).length === 0) faults.add(['runtimeConfig'], 'has no plugins');
  for (const [action, settings] of Object.entries(given)) {
    const path = ['runtimeConfig', action];
    checkAction(action, path, faults);
    const plugin = mapping(settings, path, faults);
    if (plugin === undefined) continue;
    onlyMembers(plugin, pluginMembers, path, faults);
    checkProperties(action, plugin.properties, [...path, 'properties'], faults);
  }
}

function checkStep(step: Mapping, schemaVersion: string, path: Path, faults: Violations): void {
  onlyMembers(step, stepMembers, path, faults);
  const action = text(step, 'action', path, faults);
  if (step.action === undefined) faults.add(path, 'has no action');
  if (action !== undefined) checkAction(action, [...path, 'action'], faults);
  const name = text(step, 'name', path, faults);
  if (step.name === undefined) faults.add(path, 'has no name');
  if (name !== undefined && !/^[a-zA-Z0-9_-]+$/.test(name))
    faults.add([...path, 'name'], 'may hold letters, digits, _ and - only');
  if (step.precondition !== undefined)
    checkPrecondition(step.precondition, schemaVersion, [...path, 'precondition'], faults);
  if (step.inputs !== undefined || required(action).length > 0)
    checkInputs(action, step.inputs, [...path, 'inputs'], faults);
}

function checkAction(action: string, path: Path, faults: Violations): void {
  if (!plugins.has(action)) faults.add(path, `${action} is not a plugin of Command or Policy documents`);
}

/** One object, or a list of objects that run in order; or a reference to a parameter with such a value. */
function checkProperties(action: string, properties: unknown, path: Path, faults: Violations): void {
  if (Array.isArray(properties))
    for (const [at, inputs] of (properties as readonly unknown[]).entries())
      checkInputs(action, inputs, [...path, at], faults);
  else if (properties !== undefined && !isReference(properties)) checkInputs(action, properties, path, faults);
}

function checkInputs(action: string | undefined, inputs: unknown, path: Path, faults: Violations): void {
  if (inputs === undefined) return faults.add(path, `is missing; ${action} needs ${required(action).join(', ')}`);
  const given = mapping(inputs, path, faults);
  if (given === undefined) return;
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  for (const name of required(action))
    if (!byName.has(name.toLowerCase())) faults.add([...path, name], `is missing; ${action} needs it`);
  for (const [name, value] of Object.entries(given))
    if (name.toLowerCase() === 'runcommand') checkLines(value, [...path, name], faults);
}

/** A script: a list of lines, or one text. YAML reads an unquoted line with a colon as a mapping, which is a fault. */
function checkLines(lines: unknown, path: Path, faults: Violations): void {
  if (typeof lines === 'string') return;
  if (!Array.isArray(lines)) return faults.add(path, 'must be a list of lines');
  for (const [at, line] of (lines as readonly unknown[]).entries())
    if (typeof line !== 'string') faults.add([...path, at], 'must be text; write it in quotes');
}

/** Only `StringEquals` with platformType or parameters is allowed. */
function checkPrecondition(precondition: unknown, schemaVersion: string, path: Path, faults: Violations): void {
  if (schemaVersion !== '2.2') return faults.add(path, `needs schema 2.2; the document is of ${schemaVersion}`);
  const given = mapping(precondition, path, faults);
  if (given === undefined) return;
  onlyMembers(given, ['StringEquals'], path, faults);
  const pair = given.StringEquals;
  if (!Array.isArray(pair) || pair.length !== 2 || pair.some((side) => typeof side !== 'string'))
    return faults.add([...path, 'StringEquals'], 'must be a list of two texts');
  if (!(pair as readonly string[]).some((side) => side === 'platformType' || /\{\{.*\}\}/.test(side)))
    faults.add([...path, 'StringEquals'], 'must name platformType or a parameter');
}

function required(action: string | undefined): readonly string[] {
  return plugins.get(action ?? '')?.required ?? [];
}

function isReference(value: unknown): boolean {
  return typeof value === 'string' && /^\{\{[^{}]+\}\}$/.test(value);
}
