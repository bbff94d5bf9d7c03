/** The timers of a parameter's policies: one for each policy that has not acted yet. */
import type { Delete, Put } from '../../../core/state.ts';
import { scheduleTimer, timerKey, type Timer } from '../../../core/timers.ts';
import { dueOf } from './policies.ts';
import { idOf } from './names.ts';
import type { ParameterItem } from './store.ts';

export const policyKind = 'enforce-parameter-policy';

export interface PolicyTimer {
  readonly incarnation: string;
  readonly policiesVersion: number;
  /** The policy's position among the parameter's policies. */
  readonly place: number;
}

function timersOf(item: ParameterItem): Timer<PolicyTimer>[] {
  const { incarnation, policiesVersion } = item;
  return item.policies.flatMap((policy, index) =>
    policy.status === 'Finished'
      ? []
      : [
          {
            id: `${policyKind}#${incarnation}#${policiesVersion}#${index}`,
            kind: policyKind,
            key: idOf(item.name),
            due: dueOf(policy, item),
            payload: { incarnation, policiesVersion, place: index },
          },
        ],
  );
}

/**
 * The writes that change the timers from one state of the parameter to the next; `undefined`: it does not exist. At
 * most 20.
 */
export function timerWrites(before: ParameterItem | undefined, after: ParameterItem | undefined): (Put | Delete)[] {
  if ((before?.policies.length ?? 0) === 0 && (after?.policies.length ?? 0) === 0) return [];
  const nameOf = (timer: Timer): string => `${timer.due}#${timer.id}`;
  const old = before === undefined ? [] : timersOf(before);
  const fresh = after === undefined ? [] : timersOf(after);
  const stays = new Set(fresh.map(nameOf));
  const stands = new Set(old.map(nameOf));
  return [
    ...old.filter((timer) => !stays.has(nameOf(timer))).map((timer) => ({ delete: timerKey(timer) })),
    ...fresh.filter((timer) => !stands.has(nameOf(timer))).map((timer) => scheduleTimer(timer)),
  ];
}
