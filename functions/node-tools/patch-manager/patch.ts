/** A judged patch of a node. */
import type { PatchComplianceLevel } from '@aws-sdk/client-ssm';

/**
 * The values of AWS's real output. The model's enum says `INSTALLED_OTHER`, but scripts compare with `InstalledOther`
 * (docs/differences/patch-manager.md).
 */
export type PatchState =
  | 'Installed'
  | 'InstalledOther'
  | 'InstalledPendingReboot'
  | 'InstalledRejected'
  | 'Missing'
  | 'NotApplicable'
  | 'Failed'
  | 'AvailableSecurityUpdate';

export interface Patch {
  /** `openssl.amd64:3.0.11-1~deb12u2` */
  readonly title: string;
  /** `openssl.amd64` */
  readonly kbId: string;
  /** `Security`, or empty. */
  readonly classification: string;
  /** The publisher's severity, or empty. On Debian and Ubuntu it is the package's priority: `Important`. */
  readonly severity: string;
  readonly state: PatchState;
  /** Epoch milliseconds; 0 when it is not known. */
  readonly installedAt: number;
  /** The compliance level in the baseline. */
  readonly level: PatchComplianceLevel;
}

const nonCompliant: ReadonlySet<PatchState> = new Set([
  'InstalledPendingReboot',
  'InstalledRejected',
  'Missing',
  'Failed',
]);

/** Whether a patch in this state makes its node non-compliant. */
export function isNonCompliant(state: PatchState): boolean {
  return nonCompliant.has(state);
}
