/** An alarm goes off: the commands under way that name it are stopped. */
import type { Context } from '../../../core/context.ts';
import type { EventBridgeEvent } from '../../../core/events.ts';
import { stopJobsOfAlarm } from '../../fan-out/index.ts';
import { commandKind } from './command-job.ts';

/** Wakes on `CloudWatch Alarm State Change` to ALARM. A command that another delivery has stopped is left alone. */
export async function handler(
  event: EventBridgeEvent<{ readonly alarmName: string }>,
  context: Context,
): Promise<void> {
  await stopJobsOfAlarm(commandKind, event.detail.alarmName, context);
}
