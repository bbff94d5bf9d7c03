/** A step's inputs with parameters replaced, except for references to Parameter Store. Pure. */
import type { ParameterDefinition, Step } from './document.ts';
import { substitute, type Parameters, type Value } from './substitution.ts';

/** One input for each entry of the step, with every reference to a parameter replaced. */
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
 * Parameters with interpolationType ENV_VAR never become part of a script's text: `{{ name }}` becomes a reference to
 * the environment variable SSM_name. Inputs that are not scripts get the value.
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
