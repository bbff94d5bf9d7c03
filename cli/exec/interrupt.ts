/**
 * Ctrl-C while a command runs on nodes. On a terminal the first one prints what is running and what a second one does,
 * because an accidental Ctrl-C must not stop half a deployment. Without a terminal (a cancelled CI job) the first one
 * cancels.
 */

export interface Interrupts {
  /** Shows a message to the person. */
  readonly say: (text: string) => void;
  readonly interactive: boolean;
  /** Requests that the command is cancelled; it is still followed to its end. */
  readonly cancel: () => void;
  /** Ends this program at once; the command continues. */
  readonly leave: () => void;
}

/** Milliseconds within which a second Ctrl-C answers the first one's message. */
const answerWithin = 10_000;
/** Milliseconds within which it is the same Ctrl-C: npm forwards a signal that the terminal has already sent. */
const sameKeystroke = 300;

/** @returns a function to call for each signal, with the time in milliseconds */
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
