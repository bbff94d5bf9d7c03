/** Counts a node's patches. */
import type { PatchComplianceLevel } from '@aws-sdk/client-ssm';
import { highestLevel } from './baseline.ts';
import { isNonCompliant, type Patch, type PatchState } from './patch.ts';

/** The API's counters of an InstancePatchState, and those that our own reports add. */
export interface PatchCounts {
  readonly byState: Readonly<Record<PatchState, number>>;
  /** Non-compliant patches; each is counted once: critical before security before other. */
  readonly critical: number;
  readonly security: number;
  readonly other: number;
  /** Non-compliant patches by the baseline's compliance level. */
  readonly nonCompliantByLevel: Readonly<Record<PatchComplianceLevel, number>>;
  /** Missing patches by the publisher's severity; `Unspecified` where it gives none. */
  readonly missingBySeverity: Readonly<Record<string, number>>;
  readonly compliant: boolean;
  /** The most severe level of the non-compliant patches. */
  readonly severity: PatchComplianceLevel;
}

/** Counts the patches of one node. */
export function countPatches(patches: readonly Patch[]): PatchCounts {
  const byState: Record<PatchState, number> = {
    Installed: 0,
    InstalledOther: 0,
    InstalledPendingReboot: 0,
    InstalledRejected: 0,
    Missing: 0,
    NotApplicable: 0,
    Failed: 0,
    AvailableSecurityUpdate: 0,
  };
  const nonCompliantByLevel: Record<PatchComplianceLevel, number> = {
    CRITICAL: 0,
    HIGH: 0,
    MEDIUM: 0,
    LOW: 0,
    INFORMATIONAL: 0,
    UNSPECIFIED: 0,
  };
  const missingBySeverity: Record<string, number> = {};
  let critical = 0;
  let security = 0;
  let other = 0;
  for (const { state, level, classification, severity } of patches) {
    byState[state]++;
    if (state === 'Missing')
      missingBySeverity[severity || 'Unspecified'] = (missingBySeverity[severity || 'Unspecified'] ?? 0) + 1;
    if (!isNonCompliant(state)) continue;
    nonCompliantByLevel[level]++;
    if (level === 'CRITICAL') critical++;
    else if (classification === 'Security') security++;
    else other++;
  }
  const nonCompliant = patches.filter(({ state }) => isNonCompliant(state));
  return {
    byState,
    critical,
    security,
    other,
    nonCompliantByLevel,
    missingBySeverity,
    compliant: nonCompliant.length === 0,
    severity: highestLevel(nonCompliant.map(({ level }) => level)),
  };
}
