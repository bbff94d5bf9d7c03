/**
 * Until when a call may work. Whatever loops over a fleet asks between two steps and stops in time; what is left is
 * done by the next call. Real time, as Lambda's limit is.
 */
export interface Deadline {
  /** Milliseconds that are left; Infinity where there is no limit. Negative once it has passed. */
  remaining(): number;
}

/** For a process that nobody ends: one machine, the gateway. */
export const noDeadline: Deadline = { remaining: () => Infinity };

/** Milliseconds that a step over a batch of rows may take, with retries: less than this is too late to begin one. */
export const stepTakes = 10_000;

/** Whether it is too late to begin another step. @param needed milliseconds that the step may take */
export function isOver({ deadline }: { readonly deadline: Deadline }, needed: number = stepTakes): boolean {
  return deadline.remaining() < needed;
}
