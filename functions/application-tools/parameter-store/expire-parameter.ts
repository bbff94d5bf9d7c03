/** Deletes a parameter that has expired: by its timer, or earlier when its name is needed again. */
import type { Context } from '../../../core/context.ts';
import type { Row, Write } from '../../../core/state.ts';
import { parameterChanged, policyActed } from './events.ts';
import { removalOf } from './remove-parameter.ts';
import type { ParameterItem } from './store.ts';

/** @throws ConditionFailed when it has changed meanwhile */
export async function expireParameter(
  row: Row<ParameterItem>,
  context: Context,
  besides: readonly Write[] = [],
): Promise<void> {
  const policy = row.body.policies.find(({ type }) => type === 'Expiration');
  const events = [
    ...(policy === undefined ? [] : [policyActed(policy, row.body, context)]),
    parameterChanged('Delete', row.body, context),
  ];
  await context.state.transact([...(await removalOf(row, events, context)), ...besides]);
}
