/** AWS's tiers of hybrid nodes: the standard tier has a limit. */
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import { countKinds } from '../../nodes/index.ts';
import { settingOf } from '../../service-settings/index.ts';

/** AWS's quota of hybrid nodes of the standard tier, in an account and Region. */
const mostStandard = 1000;

/**
 * Only for rehearsals of AWS's quotas. It counts before the node is added, so nodes that register at the same time may
 * exceed the limit.
 * @throws ValidationException
 */
export async function checkTier(context: Context): Promise<void> {
  if ((await settingOf(context, '/ssm/managed-instance/activation-tier')) !== 'standard') return;
  const nodes = (await countKinds(context)).reduce((sum, { count }) => sum + count, 0);
  if (nodes >= mostStandard)
    throw new ValidationException(
      `The limit of ${mostStandard} managed instances of the standard-instances tier has been reached.`,
    );
}
