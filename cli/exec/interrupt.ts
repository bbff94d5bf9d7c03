/**
 * Ctrl-C while a command runs on nodes. At a terminal the first says what is running and what a second one does:
 * a habit must not stop half a deployment. Without one (a job of a CI that is cancelled) the first cancels.
 */

export interface Interrupts {
  /** Says something to the person. */
  readonly say: (text: string) => void;
  readonly interactive: boolean;
  /** Asks for the command to be cancelled; it is followed to its end all the same. */
  readonly cancel: () => void;
  /** Leaves at once; the command is left to itself. */
  readonly leave: () => void;
}

/** Milliseconds in which a second Ctrl-C is an answer to what the first one said. */
const answerWithin = 10_000;
/** Within so many it is the same one: npm hands on what the terminal has sent already. */
const sameKeystroke = 300;

/** @returns takes a signal's coming, at a time in milliseconds */
export function interruptHandler({ say, interactive, cancel, leave }: Interrupts): (now: number) => void {
  let askedAt = -Infinity;
  let cancelledAt: number | undefined;
  return (now) => {
    if (cancelledAt !== undefined) {
      if (now - cancelledAt > sameKeystroke) leave();
      return;
    }
    if (now - askedAt <= sameKeystroke) return;
    if (interactive && now - askedAt > answerWithin) {
      askedAt = now;
      say('It goes on. Ctrl-C again cancels it on its nodes.\n');
      return;
    }
    cancelledAt = now;
    say('Cancelling; Ctrl-C again leaves without waiting.\n');
    cancel();
  };
}
