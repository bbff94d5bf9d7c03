/** What the timer of a policy does: the parameter goes, or somebody is told. */
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { TimerHandler } from '../../../core/timers.ts';
import { policyActed } from './events.ts';
import { expireParameter } from './expire-parameter.ts';
import { dueOf, finished } from './policies.ts';
import type { PolicyTimer } from './policy-timers.ts';
import { parameterKey, type ParameterItem } from './store.ts';

/** A parameter that is being changed meanwhile is read again: its policies may have gone, or have to wait anew. */
export const handlePolicy: TimerHandler<PolicyTimer> = async ({ key, payload }, context) => {
  await retryOnConflict(async () => {
    const row = await context.state.get<ParameterItem>(parameterKey(key));
    const item = row?.body;
    if (
      row === undefined ||
      item === undefined ||
      item.incarnation !== payload.incarnation ||
      item.policiesVersion !== payload.policiesVersion
    )
      return;
    const policy = item.policies[payload.place];
    if (policy === undefined || policy.status === 'Finished' || dueOf(policy, item) > context.clock.now()) return;
    // It takes its timers with it.
    if (policy.type === 'Expiration') return expireParameter(row, context);
    const policies = finished(item.policies, payload.place);
    await context.state.write({
      update: parameterKey(key),
      set: { policies },
      when: { version: row.version, equals: { incarnation: item.incarnation } },
      events: [policyActed(policy, item, context)],
    });
  }, context);
};
