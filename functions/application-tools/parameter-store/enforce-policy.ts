/** Handles the timer of a policy: deletes the parameter, or publishes an event. */
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { TimerHandler } from '../../../core/timers.ts';
import { policyActed } from './events.ts';
import { expireParameter } from './expire-parameter.ts';
import { dueOf, finished } from './policies.ts';
import type { PolicyTimer } from './policy-timers.ts';
import { parameterKey, type ParameterItem } from './store.ts';

/** When the parameter changes meanwhile it is read again: its policies may be gone, or may be due later. */
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
    // This deletes its timers too.
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
