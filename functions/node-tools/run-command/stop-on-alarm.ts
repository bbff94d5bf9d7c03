/** An alarm goes off: the commands under way that name it are stopped. */
import type { Context } from '../../../core/context.ts';
import type { EventBridgeEvent } from '../../../core/events.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { nudge } from './nudge.ts';
import { requestCancel } from './request-cancel.ts';
import { alarmPartition, readCommand, type AlarmCommandBody } from './store.ts';

/** Wakes on `CloudWatch Alarm State Change` to ALARM. A command that another delivery has stopped is left alone. */
export async function handler(
  event: EventBridgeEvent<{ readonly alarmName: string }>,
  context: Context,
): Promise<void> {
  const Name = event.detail.alarmName;
  let after: string | undefined;
  do {
    const page = await context.state.query<AlarmCommandBody>({ pk: alarmPartition(Name), limit: 100, after });
    for (const { body } of page.rows) {
      const stopped = await retryOnConflict(async () => {
        const row = await readCommand(context.state, body.commandId);
        return row !== undefined && (await requestCancel(row, context, [{ Name, State: 'ALARM' }]));
      });
      if (stopped) nudge(body.commandId, context);
    }
    after = page.next;
  } while (after !== undefined);
}
