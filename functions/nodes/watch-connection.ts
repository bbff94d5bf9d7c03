/**
 * One timer for each online node. It reads the last report, and then sets itself again or publishes that the node is
 * lost.
 */
import type { Context } from '../../core/context.ts';
import { retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { Check } from '../../core/state.ts';
import { finishTimer, rearmTimer, timerKey, type Timer } from '../../core/timers.ts';
import { isConnected } from './connections.ts';
import { nodeConnectionChanged } from './events.ts';
import { pingGrace, pingStatusOf } from './node.ts';
import { nodeKey, pingKey, type NodeItem, type PingItem } from './store.ts';

export const nodeConnectionTimer = 'node-connection';

/** The timer that checks a node when its grace period is over. @param seenAt epoch milliseconds */
export function connectionTimer(nodeId: string, seenAt: number): Timer {
  return {
    id: `${nodeConnectionTimer}#${nodeId}`,
    kind: nodeConnectionTimer,
    key: nodeId,
    due: seenAt + pingGrace + 1,
    payload: {},
  };
}

/** Runs at the end of a node's grace period. */
export async function watchConnection(timer: Timer, context: Context): Promise<void> {
  const nodeId = timer.key;
  await retryOnConflict(async () => {
    const [node, ping, connected, armed] = await Promise.all([
      context.state.get<NodeItem>(nodeKey(nodeId)),
      context.state.get<PingItem>(pingKey(nodeId)),
      isConnected(context, nodeId),
      context.state.get(timerKey(timer)),
    ]);
    // The timer fired twice, or the node is deleted or already known to be lost.
    if (armed === undefined || node?.body.announced !== 'Online') return;
    const now = context.clock.now();
    const seenAt = ping?.body.at;
    if (pingStatusOf(seenAt, connected, now) === 'Online') {
      await context.state.transact([
        ...rearmTimer(timer, connectionTimer(nodeId, connected || seenAt === undefined ? now : seenAt)),
        { check: nodeKey(nodeId), when: { equals: { announced: 'Online' } } },
      ]);
      return;
    }
    const stillUnseen: Check = {
      check: pingKey(nodeId),
      when: seenAt === undefined ? { row: 'absent' } : { equals: { at: seenAt } },
    };
    await context.state.transact([
      { ...finishTimer(timer), when: { row: 'present' } },
      stillUnseen,
      {
        update: nodeKey(nodeId),
        set: { announced: 'ConnectionLost' } satisfies Partial<NodeItem>,
        when: { equals: { announced: 'Online' } },
        events: [nodeConnectionChanged(context, nodeId, 'ConnectionLost', seenAt)],
      },
    ]);
  }, context);
}
