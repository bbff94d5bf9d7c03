/** A patch baseline: which patches are approved. Predefined and own baselines have the same shape. */
import type { OperatingSystem, PatchAction, PatchComplianceLevel, PatchFilterKey } from '@aws-sdk/client-ssm';

export interface PatchFilter {
  readonly key: PatchFilterKey;
  /** One of them must match; `*` matches all. */
  readonly values: readonly string[];
}

export interface PatchRule {
  /** All of them must match. */
  readonly filters: readonly PatchFilter[];
  readonly complianceLevel: PatchComplianceLevel;
  /** Whole UTC days after the release. Absent for apt, which has no release dates. */
  readonly approveAfterDays?: number;
  readonly enableNonSecurity: boolean;
}

export interface PatchBaseline {
  /** `pb-` and 17 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly operatingSystem: OperatingSystem;
  /** Limits the candidates: all filters must match. */
  readonly globalFilters: readonly PatchFilter[];
  /** One of them must match. */
  readonly rules: readonly PatchRule[];
  readonly approvedPatches: readonly string[];
  readonly approvedPatchesComplianceLevel: PatchComplianceLevel;
  readonly approvedPatchesEnableNonSecurity: boolean;
  readonly rejectedPatches: readonly string[];
  readonly rejectedPatchesAction: PatchAction;
}

/** From the most to the least severe. */
export const complianceLevels: readonly PatchComplianceLevel[] = [
  'CRITICAL',
  'HIGH',
  'MEDIUM',
  'LOW',
  'INFORMATIONAL',
  'UNSPECIFIED',
];

/** The most severe of the levels; `UNSPECIFIED` when there is none. */
export function highestLevel(levels: Iterable<PatchComplianceLevel>): PatchComplianceLevel {
  const places = [...levels].map((level) => complianceLevels.indexOf(level));
  return complianceLevels[Math.min(...places, complianceLevels.length - 1)] ?? 'UNSPECIFIED';
}
