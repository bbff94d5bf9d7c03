/** AWS's quotas of parameters: enforced where the operator asks for AWS's quotas. */
import type { Context } from '../../../core/context.ts';
import { nameShards, orderPartition, type OrderItem, type Tier } from './store.ts';
import { mostOf } from './tiers.ts';

/**
 * Whether the account has as many parameters of a tier as AWS allows. Counted from the order of names, for a rehearsal
 * is the only one who asks: a counter would be a row that all creations heat.
 */
export async function isFull(tier: Tier, { state, settings }: Context): Promise<boolean> {
  if (!settings.awsQuotas) return false;
  let count = 0;
  for (const shard of nameShards.shards) {
    let after: string | undefined;
    do {
      const page = await state.query<OrderItem>({ pk: orderPartition(shard), after });
      count += page.rows.filter((row) => row.body.tier === tier).length;
      if (count >= mostOf[tier]) return true;
      after = page.next;
    } while (after !== undefined);
  }
  return false;
}
