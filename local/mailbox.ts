/** The Mailbox port in one process: whoever writes a message and whoever holds the node's connection share it. */
import { EventEmitter } from 'node:events';
import type { Mailbox } from '../core/mailbox.ts';

export class LocalMailbox implements Mailbox {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  wake(nodeId: string): void {
    // Never within the caller's turn: it has just committed and is about to answer.
    setImmediate(() => this.#emitter.emit('wake', nodeId));
  }

  onWake(listener: (nodeId: string) => void): () => void {
    this.#emitter.on('wake', listener);
    return () => this.#emitter.off('wake', listener);
  }
}
