/** Tiers and their limits (spec: parameter-store.md §3). Pure. */
import type { ParameterTier } from '@aws-sdk/client-ssm';
import { ValidationException } from '../../../core/errors.ts';
import type { Tier } from './store.ts';

/** The most bytes of a value. */
const standardBytes = 4096;
const advancedBytes = 8192;

/** AWS's quotas of parameters in an account and Region. */
export const mostOf: Readonly<Record<Tier, number>> = { Standard: 10_000, Advanced: 100_000 };

const more =
  'For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';

export interface TierQuestion {
  readonly requested: ParameterTier | undefined;
  readonly existing: Tier | undefined;
  /** The account's default tier; called only where it is needed. */
  readonly byDefault: () => Promise<ParameterTier>;
  /** The value's size in UTF-8. */
  readonly bytes: number;
  readonly hasPolicies: boolean;
  /** Whether the quota of standard parameters is reached; called only where it is needed. */
  readonly standardIsFull: () => Promise<boolean>;
}

/**
 * The tier of the next version: the requested one, else the current one, else the account's default.
 * @throws ValidationException for a change back to Standard
 */
export async function tierFor(question: TierQuestion): Promise<Tier> {
  const { requested, existing, bytes, hasPolicies } = question;
  if (existing === 'Advanced') {
    if (requested === 'Standard')
      throw new ValidationException(
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
      );
    return 'Advanced';
  }
  const needsAdvanced = bytes > standardBytes || hasPolicies;
  // A standard parameter stays standard while its new version fits, whatever the default has become.
  if (requested === undefined && existing === 'Standard' && !needsAdvanced) return 'Standard';
  const wanted = requested ?? (await question.byDefault());
  if (wanted !== 'Intelligent-Tiering') return requested === undefined ? (existing ?? wanted) : wanted;
  return needsAdvanced || (existing === undefined && (await question.standardIsFull())) ? 'Advanced' : 'Standard';
}

/**
 * @param bytes the value's size in UTF-8
 * @param allowed the operator's limit for advanced parameters, where it is above AWS's
 * @throws ValidationException
 */
export function checkSize(tier: Tier, bytes: number, allowed = advancedBytes): void {
  if (tier === 'Standard' && bytes > standardBytes)
    throw new ValidationException(
      `Standard tier parameters support a maximum parameter value of ${standardBytes} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. ${more}`,
    );
  const most = Math.max(allowed, advancedBytes);
  if (bytes > most)
    throw new ValidationException(
      `Advanced tier parameters support a maximum parameter value of ${most} characters. ${more}`,
    );
}
