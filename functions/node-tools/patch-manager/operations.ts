/** What Patch Manager registers. */
import type { SsmOperations } from '../../../core/operations.ts';
import { describePatchBaselines, getDefaultPatchBaseline, getPatchBaseline } from './baselines.ts';
import { describeInstancePatchStates } from './patch-states.ts';
import { describeInstancePatches } from './patches.ts';

export const operations = {
  DescribeInstancePatchStates: describeInstancePatchStates,
  DescribeInstancePatches: describeInstancePatches,
  DescribePatchBaselines: describePatchBaselines,
  GetDefaultPatchBaseline: getDefaultPatchBaseline,
  GetPatchBaseline: getPatchBaseline,
} satisfies SsmOperations;
