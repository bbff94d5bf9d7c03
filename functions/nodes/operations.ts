/** What this room gives the registry. */
import type { TimerHandler } from '../../core/timers.ts';
import { nodeConnectionTimer, watchConnection } from './watch-connection.ts';

export const timers: Readonly<Record<string, TimerHandler<never>>> = { [nodeConnectionTimer]: watchConnection };
