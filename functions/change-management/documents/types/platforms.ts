/** The platforms on which a document runs. Pure. */
import type { Content } from '../content.ts';
import { platforms, plugins, type Platform } from './plugins.ts';

interface Step {
  readonly action?: unknown;
  readonly precondition?: unknown;
}

/** The platforms of all its plugins, each limited by its step's precondition; all platforms where none is left. */
export function platformTypesOf(content: Content): Platform[] {
  const found = new Set<Platform>();
  for (const step of stepsOf(content)) for (const platform of platformsOf(step)) found.add(platform);
  return platforms.filter((platform) => found.size === 0 || found.has(platform));
}

function stepsOf(content: Content): readonly Step[] {
  const { mainSteps, runtimeConfig } = content as { mainSteps?: readonly Step[]; runtimeConfig?: object };
  return mainSteps ?? Object.keys(runtimeConfig ?? {}).map((action) => ({ action }));
}

function platformsOf(step: Step): readonly Platform[] {
  const all = plugins.get(String(step.action))?.platforms ?? platforms;
  const wanted = platformCondition(step.precondition);
  return wanted === undefined ? all : all.filter((platform) => platform.toLowerCase() === wanted.toLowerCase());
}

/** The platform that `{StringEquals: [platformType, Linux]}` asks for. */
function platformCondition(precondition: unknown): string | undefined {
  const pair = (precondition as { StringEquals?: unknown } | undefined)?.StringEquals;
  if (!Array.isArray(pair) || pair.length !== 2) return undefined;
  const at = pair.indexOf('platformType');
  const other: unknown = pair[1 - at];
  return at < 0 || typeof other !== 'string' || other.includes('{{') ? undefined : other;
}
