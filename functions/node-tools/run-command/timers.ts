/** The timers of a command: spread it, look after it, end it when its time is up, cancel what runs. */
import type { Context } from '../../../core/context.ts';
import type { Put } from '../../../core/state.ts';
import { scheduleTimer, type Timer } from '../../../core/timers.ts';
import type { CommandBody } from './store.ts';

export const spreadKind = 'spread-command';
export const progressKind = 'progress-command';
export const cancelKind = 'cancel-command';

const second = 1000;
/** Milliseconds between two looks at a command, at the most. */
export const longestPause = 60 * second;

/** Finds a command's targets; due at once. */
export function spreadTimer(command: Pick<CommandBody, 'commandId' | 'requestedAt'>): Put {
  return scheduleTimer({ ...spreadTimerName(command), kind: spreadKind, key: command.commandId, payload: {} });
}

/** Under which name it is kept. */
export function spreadTimerName({
  commandId,
  requestedAt,
}: Pick<CommandBody, 'commandId' | 'requestedAt'>): Pick<Timer, 'id' | 'due'> {
  return { id: `${spreadKind}#${commandId}`, due: requestedAt };
}

/**
 * Looks after a running command. Replies nudge it on at once; the timer is for ramp-up past a node that is away, for
 * the
 * nudge that was lost with its process, and for the end of the command's time. It comes more rarely as the command ages
 * and once there is nothing left to start, and never after the command's time is up.
 */
export function progressTimer(
  command: Pick<CommandBody, 'commandId' | 'requestedAt' | 'expiresAt' | 'started' | 'targetCount'>,
  context: Context,
): Put {
  const now = context.clock.now();
  const least = command.started < command.targetCount ? 2 * second : 10 * second;
  const pause = Math.min(longestPause, Math.max(least, (now - command.requestedAt) / 10));
  const due = Math.max(now + second, Math.min(now + pause, command.expiresAt));
  return scheduleTimer({
    id: `${progressKind}#${command.commandId}`,
    kind: progressKind,
    key: command.commandId,
    due: Math.ceil(due),
    payload: {},
  });
}

/** Cancels what runs of a command; due at once. */
export function cancelTimer(command: Pick<CommandBody, 'commandId'>, context: Context): Put {
  return scheduleTimer({
    id: `${cancelKind}#${command.commandId}`,
    kind: cancelKind,
    key: command.commandId,
    due: context.clock.now(),
    payload: {},
  });
}
