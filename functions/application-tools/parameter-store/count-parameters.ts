/** AWS's quotas of parameters, enforced only where the operator asks for AWS's quotas. */
import type { Context } from '../../../core/context.ts';
import { nameShards, orderPartition, type OrderItem, type Tier } from './store.ts';
import { mostOf } from './tiers.ts';

/**
 * Whether the account has reached AWS's quota of parameters of a tier. It counts the names, because only a rehearsal
 * asks: a counter would be a hot row, written with every creation.
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
