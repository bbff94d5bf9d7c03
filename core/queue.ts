/** The Queue port: work for another process, at least once and in no order. SQS, on AWS. */
import type { Context } from './context.ts';

export interface QueuedMessage<Body extends object = object> {
  /** JSON. */
  readonly body: Body;
  /** Milliseconds until it may be received. Whole seconds count, rounded up, and at most 15 minutes. Default 0. */
  readonly delay?: number;
}

export interface Queue<Body extends object = object> {
  /** The messages are durable when this resolves. @throws when some could not be sent; others may have been */
  send(messages: readonly QueuedMessage<Body>[]): Promise<void>;
}

/** What a queue's route calls for each message. When it rejects, the message is delivered again. */
export type QueueHandler<Body extends object = object> = (message: Body, context: Context) => Promise<void>;
