/** The Mailbox port in one process: an event emitter between the writer of a message and the gateway. */
import { EventEmitter } from 'node:events';
import type { Mailbox } from '../core/mailbox.ts';

export class LocalMailbox implements Mailbox {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  wake(nodeId: string): void {
    // Not in the caller's turn of the event loop: the caller is about to answer.
    setImmediate(() => this.#emitter.emit('wake', nodeId));
  }

  onWake(listener: (nodeId: string) => void): () => void {
    this.#emitter.on('wake', listener);
    return () => this.#emitter.off('wake', listener);
  }
}
