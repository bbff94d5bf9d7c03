/** Nodes that wait for messages with a long poll. */

/** woken: there may be a message; time: the wait is over; ended: a newer poll replaces it, or the gateway stops. */
export type PollEnd = 'woken' | 'time' | 'ended';

export class Polls {
  /** One poll for each node: a newer poll ends the older one, whose client has given up. */
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
