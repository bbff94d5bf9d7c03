/**
 * Wakes the gateway that holds a node's connection. The messages themselves are rows (functions/nodes). They are read
 * again on connect, on wake and every 30 s, so a lost wake costs seconds and never a message.
 */
export interface Mailbox {
  /** Call it after the commit that wrote the message. */
  wake(nodeId: string): void;
  /** @returns a function that removes the listener */
  onWake(listener: (nodeId: string) => void): () => void;
}
