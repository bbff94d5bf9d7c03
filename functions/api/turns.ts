/** Whose request is worked on next, where one caller's requests must not keep everybody else waiting. */
import { FairQueue } from '../../core/patterns/index.ts';

/**
 * One turn in each round of the event loop: what else has arrived is worked on between two turns. Callers take turns
 * too, so that one of them cannot fill the line.
 */
export class Turns {
  readonly #waiting = new FairQueue<() => void>();
  #isTaken = false;

  /**
   * @param caller an ARN
   * @returns resolves when it is the caller's turn; undefined where that is now
   * @example await turns.take(caller.arn);
   */
  take(caller: string): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.add(caller, resolve));
    this.#isTaken = true;
    setImmediate(this.#next);
    return undefined;
  }

  readonly #next = (): void => {
    const begin = this.#waiting.take();
    if (begin === undefined) {
      this.#isTaken = false;
      return;
    }
    setImmediate(this.#next);
    begin();
  };
}
