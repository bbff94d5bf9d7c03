/** Selects the baseline for a node (patch-manager.md §4.6). */
import type { OperatingSystem } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import type { PatchBaseline } from './baseline.ts';
import { predefinedArn, predefinedDefault } from './predefined-baselines.ts';

export interface EffectiveBaseline {
  readonly baseline: PatchBaseline;
  /** The id in the API's form. */
  readonly baselineId: string;
}

/** The default for the operating system; `undefined` for one without a default. */
export async function effectiveBaseline(
  context: Context,
  operatingSystem: OperatingSystem,
): Promise<EffectiveBaseline | undefined> {
  const baseline = predefinedDefault(operatingSystem);
  return baseline === undefined ? undefined : { baseline, baselineId: predefinedArn(context.region, baseline.id) };
}

/** A node's patch group: the value of one of two tags, whose keys are case-sensitive. Empty when it is in no group. */
export function patchGroupOf(tags: Readonly<Record<string, string>>): string {
  return tags['Patch Group'] ?? tags['PatchGroup'] ?? '';
}
