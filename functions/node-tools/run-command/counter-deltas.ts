/** What the changes of an invocation add to its command's counters. */
import type { Put } from '../../../core/state.ts';
import { counterDelta, type CounterDelta } from '../../fan-out/index.ts';
import type { InvocationState } from './states.ts';
import type { InvocationBody } from './store.ts';

/** Where they lie. The prefix is that of older versions, so that a command that runs across an upgrade is counted. */
export const deltaKind = { deltaPrefix: 'NEWS' } as const;

type Change =
  | { readonly kind: 'delayed' }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'ended'; readonly state: InvocationState };

/** @param invocation as it was before the change */
export function invocationDelta(invocation: InvocationBody, change: Change, now: number): Put<CounterDelta> {
  const { commandId, nodeId, started, acknowledged, newsShards: shards } = invocation;
  const state = change.kind === 'ended' ? change.state : undefined;
  return counterDelta(
    deltaKind,
    commandId,
    { id: nodeId, name: change.kind, shards },
    deltaOf({ kind: change.kind, state, started, first: !acknowledged }),
    now,
  );
}

interface Counted {
  readonly kind: 'delayed' | 'acknowledged' | 'ended';
  readonly state?: InvocationState | undefined;
  /** Whether the invocation had been started; one that had not is counted when starting passes it. */
  readonly started: boolean;
  /** Whether this is the first sign that the node has the command. */
  readonly first: boolean;
}

function deltaOf({ kind, state, started, first }: Counted): CounterDelta {
  if (kind === 'delayed') return { hint: 'delayed' };
  return {
    ...(first && started ? { acknowledged: 1 } : {}),
    ...(kind === 'ended' && state !== undefined ? { tally: { [state]: 1 } } : {}),
    ...(kind === 'ended' && started ? { finished: 1 } : {}),
  };
}

/** Rows that an older version wrote say what happened, not what to add. */
export function readOlderDelta(body: object): CounterDelta {
  return 'kind' in body ? deltaOf(body as Counted) : body;
}
