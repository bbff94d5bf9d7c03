/** Members without a value (`description:` in YAML, `null` in JSON) count as absent, as in AWS and its agent. Pure. */
import type { Content } from './content.ts';
import { isMapping, type Mapping } from './shapes.ts';

/** Members that hold definitions by name. */
const named = ['parameters', 'variables', 'files', 'runtimeConfig'];

/**
 * Removes members without a value from a document of one of SSM's schemas: from the document itself, its parameters,
 * variables, files and plugins, its steps, and the inputs of a session. Inputs of steps stay as they are, because
 * `null` may be a value there.
 */
export function withoutAbsentMembers(content: Content): Content {
  const present: Record<string, unknown> = { ...(dropNulls(content) as Content) };
  for (const name of named) {
    const members = present[name];
    if (isMapping(members))
      present[name] = Object.fromEntries(Object.entries(members).map(([key, one]) => [key, dropNulls(one)]));
  }
  if (present.mainSteps !== undefined) present.mainSteps = steps(present.mainSteps);
  if (present.sessionType !== undefined) {
    present.inputs = dropNulls(present.inputs);
    present.properties = dropNulls(present.properties);
  }
  return present;
}

function steps(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  return (list as readonly unknown[]).map((step) => {
    if (!isMapping(step)) return step;
    const present = dropNulls(step) as Mapping;
    const { inputs } = present;
    return present.action === 'aws:loop' && isMapping(inputs) && inputs.Steps !== undefined
      ? { ...present, inputs: { ...inputs, Steps: steps(inputs.Steps) } }
      : present;
  });
}

function dropNulls(value: unknown): unknown {
  if (!isMapping(value) || !Object.values(value).includes(null)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}
