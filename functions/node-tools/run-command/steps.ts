/** The steps of a document, as agents name their results. Pure. */
import type { Step } from './store.ts';

/**
 * Schema 2.x: the `mainSteps`, by name. Schema 1.2: one a plugin of `runtimeConfig`, named like the plugin.
 * @param content a document that has been validated
 */
export function stepsOf(content: object): Step[] {
  const { mainSteps, runtimeConfig } = content as {
    mainSteps?: readonly { name: string; action: string }[];
    runtimeConfig?: object;
  };
  if (mainSteps !== undefined) return mainSteps.map(({ name, action }) => ({ name, action }));
  return Object.keys(runtimeConfig ?? {}).map((plugin) => ({ name: plugin, action: plugin }));
}
