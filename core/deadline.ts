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

/**
 * Waits for work, but no longer than it has left. Work that takes longer goes on unwatched: its errors are dropped.
 * @param milliseconds Infinity to wait for its end
 * @returns whether it has ended
 * @throws what the work throws in time
 */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  if (milliseconds === Infinity) return work.then(() => true);
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timeout = setTimeout(resolve, Math.max(0, milliseconds), false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timeout);
  }
}
