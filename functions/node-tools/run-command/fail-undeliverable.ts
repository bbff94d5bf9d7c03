/** A node that was deregistered gets nothing any more: what waits for it is undeliverable. */
import type { Context } from '../../../core/context.ts';
import { isOver } from '../../../core/deadline.ts';
import type { EventBridgeEvent } from '../../../core/events.ts';
import { carryOn, scheduleTimer, type TimerHandler } from '../../../core/timers.ts';
import { nudge } from './command-job.ts';
import { endInvocations, endsPerTransaction } from './end-invocation.ts';
import { isTerminal } from './states.ts';
import { nodePartition, readInvocationRows } from './store.ts';

/** The timer that goes on where the event had to stop: a node may have tens of thousands of commands in 30 days. */
export const undeliverableKind = 'fail-undeliverable';

interface Payload {
  /** The cursor in the list of the node's commands. */
  readonly after: string;
}

/** Wakes on `SSM Managed Instance Deregistration`. */
export async function handler(
  event: EventBridgeEvent<{ readonly 'instance-id': string }>,
  context: Context,
): Promise<void> {
  const nodeId = event.detail['instance-id'];
  const after = await failOpen(nodeId, undefined, context);
  if (after === undefined) return;
  await context.state.write(
    scheduleTimer<Payload>({
      id: `${undeliverableKind}#${nodeId}`,
      kind: undeliverableKind,
      key: nodeId,
      due: context.clock.now(),
      payload: { after },
    }),
  );
}

/** The timer's handler. */
export const handleUndeliverable: TimerHandler<Payload> = async (timer, context) => {
  const after = await failOpen(timer.key, timer.payload.after, context);
  if (after !== undefined) await carryOn(timer, { after }, context);
};

/**
 * Ends the node's open invocations, newest command first. At least one page, however late it is.
 * @returns where to go on, if the deadline came first
 */
async function failOpen(nodeId: string, from: string | undefined, context: Context): Promise<string | undefined> {
  let after = from;
  do {
    const page = await context.state.query({
      index: 'index1',
      pk: nodePartition(nodeId),
      reverse: true,
      limit: endsPerTransaction,
      after,
    });
    const rows = await readInvocationRows(
      context.state,
      page.rows.map(({ pk, sk }) => ({ pk, sk })),
    );
    const open = rows.filter(({ body }) => !isTerminal(body.state));
    if (open.length > 0) await endInvocations(open, 'Undeliverable', context);
    for (const { body } of open) nudge(body.commandId, context);
    after = page.next;
  } while (after !== undefined && !isOver(context));
  return after;
}
