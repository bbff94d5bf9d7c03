/** A document's steps as they would run on a platform, parameters put in: the agent's own rules, beforehand. */
import { parameterValues, readDocument } from '../../../core/documents/document.ts';
import { judgePrecondition } from '../../../core/documents/precondition.ts';
import { stepInputs } from '../../../core/documents/step-inputs.ts';
import { storeReferences, type Parameters, type Value } from '../../../core/documents/substitution.ts';

export interface PreviewedStep {
  readonly Name: string;
  readonly Action: string;
  /** By platform: `run`, `skip`, or why it fails. */
  readonly Platforms: Readonly<Record<string, string>>;
  /** One an entry of the step. */
  readonly Inputs: readonly Readonly<Record<string, Value>>[];
  /** Names of Parameter Store's that the node puts in. */
  readonly FromParameterStore: readonly string[];
}

/**
 * @param given as nodes take it
 * @param caller who gave it: an ARN
 * @throws InvalidDocument of core/documents where the node would refuse it
 */
export async function previewSteps(
  content: object,
  given: Parameters,
  platforms: readonly string[],
  caller: string,
): Promise<PreviewedStep[]> {
  const document = readDocument(content);
  const parameters = await parameterValues(document.parameters, given, caller);
  return document.steps.map((step) => {
    const inputs = stepInputs(step, parameters, document.parameters);
    return {
      Name: step.name,
      Action: step.action,
      Platforms: Object.fromEntries(
        platforms.map((platform) => [platform, verdictOf(judgePrecondition(step.precondition, parameters, platform))]),
      ),
      Inputs: inputs,
      FromParameterStore: [...new Set(storeReferences(inputs))],
    };
  });
}

function verdictOf(verdict: ReturnType<typeof judgePrecondition>): string {
  return typeof verdict === 'string' ? verdict : verdict.invalid;
}
