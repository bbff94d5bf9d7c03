/** Nodes that wait for messages by long poll. */

/** woken: there may be a message; time: the wait is over; ended: another poll has taken over, or the door closes. */
export type PollEnd = 'woken' | 'time' | 'ended';

export class Polls {
  /** One a node: a newer poll ends the one before, whose client has given it up. */
  readonly #waiting = new Map<string, (end: PollEnd) => void>();

  wait(nodeId: string, milliseconds: number): Promise<PollEnd> {
    this.#waiting.get(nodeId)?.('ended');
    return new Promise((resolve) => {
      const end = (how: PollEnd): void => {
        clearTimeout(timeout);
        if (this.#waiting.get(nodeId) === end) this.#waiting.delete(nodeId);
        resolve(how);
      };
      const timeout = setTimeout(end, Math.max(0, milliseconds), 'time');
      this.#waiting.set(nodeId, end);
    });
  }

  wake(nodeId: string): void {
    this.#waiting.get(nodeId)?.('woken');
  }

  close(): void {
    for (const end of [...this.#waiting.values()]) end('ended');
  }
}
