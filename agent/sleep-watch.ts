/** Tells when the machine has slept: timers go by a clock that stands still meanwhile. */

const tick = 10_000;
/** A tick that comes so much later than it should means that nobody was there. */
const slept = 20_000;

/** @returns how to end it */
export function watchForSleep(onWake: () => void, now: () => number = Date.now): () => void {
  let last = now();
  const timer = setInterval(() => {
    const late = now() - last - tick;
    last = now();
    if (late > slept) onWake();
  }, tick);
  timer.unref();
  return () => clearInterval(timer);
}
