/** Detects that the machine was suspended: timers stand still meanwhile. */

const tick = 10_000;
/** Milliseconds. A tick that is this late means that the machine was suspended. */
const slept = 20_000;

/** @returns a function that stops watching */
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
