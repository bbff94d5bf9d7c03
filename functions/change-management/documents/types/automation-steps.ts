/** The steps of a runbook: their members, and the steps to which they may lead. Pure. */
import type { Path } from '../content.ts';
import { isMapping, isSwitch, mapping, onlyMembers, text, type Mapping } from '../shapes.ts';
import type { Violations } from '../violations.ts';
import { actions, branchOperators } from './automation-actions.ts';
import { checkForCircles, type Step } from './automation-circles.ts';

const stepMembers = [
  'name',
  'action',
  'description',
  'inputs',
  'outputs',
  'onFailure',
  'onCancel',
  'isCritical',
  'isEnd',
  'nextStep',
  'maxAttempts',
  'timeoutSeconds',
];

/** State that is shared by all steps of a runbook. */
interface Walk {
  /** The names of the steps so far. */
  readonly names: Set<string>;
  readonly faults: Violations;
}

/** @returns the names of all steps, including those in loops */
export function checkSteps(given: unknown, faults: Violations): ReadonlySet<string> {
  const names = new Set<string>();
  if (given === undefined) faults.add([], 'has no mainSteps');
  else checkList(given, ['mainSteps'], new Set(), { names, faults });
  return names;
}

/**
 * Steps of a list may lead to one another. Steps in a loop may also lead to the steps around it, which ends the loop
 * (automation.md §7).
 * @param outer names of the steps around the list
 */
function checkList(list: unknown, path: Path, outer: ReadonlySet<string>, walk: Walk): readonly Step[] {
  const { faults } = walk;
  if (!Array.isArray(list)) faults.add(path, 'must be a list of steps');
  else if (list.length === 0) faults.add(path, 'has no steps');
  if (!Array.isArray(list)) return [];
  const entries = list as readonly unknown[];
  const reachable = new Set([...outer, ...entries.flatMap(nameOf)]);
  const steps: Step[] = [];
  for (const [at, one] of entries.entries()) {
    const stepPath = [...path, at];
    const given = mapping(one, stepPath, faults);
    if (given !== undefined) steps.push(checkStep(given, stepPath, reachable, walk));
  }
  for (const step of steps) checkReferences(step, reachable, faults);
  checkForCircles(steps, faults);
  return steps;
}

function nameOf(step: unknown): readonly string[] {
  return isMapping(step) && typeof step.name === 'string' ? [step.name] : [];
}

function checkStep(given: Mapping, path: Path, reachable: ReadonlySet<string>, walk: Walk): Step {
  const { names, faults } = walk;
  onlyMembers(given, stepMembers, path, faults);
  const name = text(given, 'name', path, faults);
  if (given.name === undefined) faults.add(path, 'has no name');
  if (name !== undefined) {
    if (!/^\w{1,128}$/.test(name)) faults.add([...path, 'name'], 'may hold letters, digits and _ only');
    if (names.has(name)) faults.add([...path, 'name'], `${name} is the name of another step already`);
    names.add(name);
  }
  const action = text(given, 'action', path, faults);
  if (given.action === undefined) faults.add(path, 'has no action');
  else if (action !== undefined && !actions.has(action))
    faults.add([...path, 'action'], `${action} is not an action of runbooks`);
  for (const member of ['maxAttempts', 'timeoutSeconds']) checkCount(given, member, path, faults);
  for (const member of ['isCritical', 'isEnd'])
    if (given[member] !== undefined && !isSwitch(given[member])) faults.add([...path, member], 'must be true or false');
  const inputs = checkInputs(action, given.inputs, [...path, 'inputs'], faults);
  const inner =
    action === 'aws:loop' && inputs?.Steps !== undefined
      ? checkList(inputs.Steps, [...path, 'inputs', 'Steps'], reachable, walk)
      : [];
  return { path, given, name, action, inner };
}

function checkCount(given: Mapping, member: string, path: Path, faults: Violations): void {
  const value = given[member];
  if (value === undefined || isReference(value)) return;
  if (!(typeof value === 'number' || typeof value === 'string') || !/^[1-9]\d{0,8}$/.test(String(value)))
    faults.add([...path, member], 'must be a whole number from 1 on');
}

function checkInputs(action: string | undefined, inputs: unknown, path: Path, faults: Violations): Mapping | undefined {
  const required = actions.get(action ?? '') ?? [];
  if (inputs === undefined || inputs === null) {
    if (required.length > 0)
      faults.add(path, `is missing; ${action} needs ${required.map((one) => one.join(' or ')).join(', ')}`);
    return undefined;
  }
  const given = mapping(inputs, path, faults);
  if (given === undefined) return undefined;
  for (const alternatives of required)
    if (!alternatives.some((name) => given[name] !== undefined))
      faults.add(path, `has no ${alternatives.join(' or ')}, which ${action} needs`);
  checkStoreReferences(given, path, faults);
  if (action === 'aws:branch') checkChoices(given.Choices, [...path, 'Choices'], faults);
  return given;
}

/** A runbook may read Parameter Store only in the default of a parameter. */
function checkStoreReferences(value: unknown, path: Path, faults: Violations): void {
  if (typeof value === 'string' && /\{\{\s*ssm:/.test(value))
    faults.add(path, 'may not refer to Parameter Store; let the default of a parameter do it');
  else if (Array.isArray(value))
    for (const [at, member] of (value as readonly unknown[]).entries())
      checkStoreReferences(member, [...path, at], faults);
  else if (isMapping(value))
    for (const [name, member] of Object.entries(value)) checkStoreReferences(member, [...path, name], faults);
}

function checkChoices(choices: unknown, path: Path, faults: Violations): void {
  if (choices === undefined) return;
  if (!Array.isArray(choices) || choices.length === 0) return faults.add(path, 'must be a list of choices');
  for (const [at, choice] of (choices as readonly unknown[]).entries()) {
    const given = mapping(choice, [...path, at], faults);
    if (given === undefined) continue;
    if (typeof given.NextStep !== 'string') faults.add([...path, at], 'has no NextStep');
    checkCondition(given, [...path, at], faults);
  }
}

/** One operator with a Variable; or And, Or and Not with conditions. */
function checkCondition(given: Mapping, path: Path, faults: Violations): void {
  for (const name of ['And', 'Or']) {
    const parts = given[name];
    if (parts === undefined) continue;
    if (!Array.isArray(parts) || parts.length === 0) faults.add([...path, name], 'must be a list of conditions');
    else
      for (const [at, part] of (parts as readonly unknown[]).entries())
        if (isMapping(part)) checkCondition(part, [...path, name, at], faults);
  }
  if (given.Not !== undefined) {
    const not = mapping(given.Not, [...path, 'Not'], faults);
    if (not !== undefined) checkCondition(not, [...path, 'Not'], faults);
  }
  const operators = Object.keys(given).filter((name) => !['NextStep', 'Variable', 'And', 'Or', 'Not'].includes(name));
  for (const name of operators)
    if (!branchOperators.includes(name))
      faults.add([...path, name], `is no comparison; known are ${branchOperators.join(', ')}`);
  if (operators.length === 0 && ['And', 'Or', 'Not'].every((name) => given[name] === undefined))
    faults.add(path, 'compares nothing');
  if (operators.length > 0 && given.Variable === undefined) faults.add(path, 'has no Variable to compare');
}

/** Checks the steps to which a step may lead. */
function checkReferences({ given, path, action }: Step, steps: ReadonlySet<string>, faults: Violations): void {
  const leads = (name: unknown, at: Path): void => {
    if (typeof name === 'string' && !steps.has(name)) faults.add(at, `${name} is not a step`);
  };
  leads(given.nextStep, [...path, 'nextStep']);
  for (const [member, words] of [
    ['onFailure', ['Abort', 'Continue']],
    ['onCancel', ['Abort']],
  ] as const) {
    const value = given[member];
    if (value === undefined || words.some((word) => word === value) || isReference(value)) continue;
    if (typeof value === 'string' && value.startsWith('step:'))
      leads(value.slice('step:'.length).trim(), [...path, member]);
    else faults.add([...path, member], `must be ${words.join(', ')} or step:NAME`);
  }
  if (action !== 'aws:branch' || !isMapping(given.inputs)) return;
  leads(given.inputs.Default, [...path, 'inputs', 'Default']);
  const { Choices: choices } = given.inputs;
  if (Array.isArray(choices))
    for (const [at, choice] of (choices as readonly unknown[]).entries())
      if (isMapping(choice)) leads(choice.NextStep, [...path, 'inputs', 'Choices', at, 'NextStep']);
}

function isReference(value: unknown): boolean {
  return typeof value === 'string' && /\{\{[^{}]+\}\}/.test(value);
}
