/** A step's inputs as they run, but for what Parameter Store has to say. Pure. */
import type { ParameterDefinition, Step } from './document.ts';
import { substitute, type Parameters, type Value } from './substitution.ts';

/** One an entry of the step, with every reference to a parameter replaced. */
export function stepInputs(
  step: Pick<Step, 'action' | 'inputs'>,
  parameters: Parameters,
  definitions: Readonly<Record<string, ParameterDefinition>>,
): readonly Readonly<Record<string, Value>>[] {
  return step.inputs.map((input) =>
    Object.fromEntries(
      Object.entries(input).map(([name, value]) => [
        name,
        substitute(value, valuesFor(step.action, name, parameters, definitions)),
      ]),
    ),
  );
}

/**
 * Parameters of interpolationType ENV_VAR never become text of a script: `{{ name }}` becomes a reference to the
 * environment variable SSM_name. Other inputs are no scripts and get the value.
 */
function valuesFor(
  action: string,
  inputName: string,
  parameters: Parameters,
  definitions: Readonly<Record<string, ParameterDefinition>>,
): Parameters {
  if (inputName.toLowerCase() !== 'runcommand') return parameters;
  const variable =
    action === 'aws:runShellScript' ? (name: string) => `\${SSM_${name}}` : (name: string) => `\${env:SSM_${name}}`;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      Object.hasOwn(definitions, name) && definitions[name]?.interpolationType === 'ENV_VAR' ? variable(name) : value,
    ]),
  );
}
