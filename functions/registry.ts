/** Where the rooms are joined: what is not here does not exist for the doors. */
import type { AgentOperations } from '../core/agent-operations.ts';
import type { Extensions } from '../core/extensions.ts';
import type { SsmOperations } from '../core/operations.ts';
import type { TimerHandler } from '../core/timers.ts';

/** ssm's operations of the public API. */
export const ssm: SsmOperations = {};

/** ssm's operations that only agents call. */
export const agent: AgentOperations = {};

/** Ours, under /x/. */
export const extensions: Extensions = {};

/** What each kind of timer does. */
export const timers: Readonly<Record<string, TimerHandler<never>>> = {};
