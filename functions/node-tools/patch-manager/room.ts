import type { Room } from '../../room.ts';
import { describePatchBaselines, getDefaultPatchBaseline, getPatchBaseline } from './baselines.ts';
import { ownedDocuments } from './owned-documents.ts';
import { describeInstancePatchStates } from './patch-states.ts';
import { describeInstancePatches } from './patches.ts';

export const room = {
  name: 'patch-manager',
  operations: {
    ssm: {
      DescribeInstancePatchStates: describeInstancePatchStates,
      DescribeInstancePatches: describeInstancePatches,
      DescribePatchBaselines: describePatchBaselines,
      GetDefaultPatchBaseline: getDefaultPatchBaseline,
      GetPatchBaseline: getPatchBaseline,
    },
  },
  ownedDocuments,
} satisfies Room;
