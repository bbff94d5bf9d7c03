/** The Queue port: work for another process, at least once and in no order. SQS, on AWS. */
import type { Context } from './context.ts';

export interface QueuedMessage<Body extends object = object> {
  /** JSON. */
  readonly body: Body;
  /** Milliseconds until it may be received; in effect whole seconds, rounded up, and 15 minutes at most. Default 0. */
  readonly delay?: number;
}

export interface Queue<Body extends object = object> {
  /** Durable when it resolves. @throws when some could not be sent; others may have been */
  send(messages: readonly QueuedMessage<Body>[]): Promise<void>;
}

/** What a queue's route runs for each message. One that rejects has its message delivered again. */
export type QueueHandler<Body extends object = object> = (message: Body, context: Context) => Promise<void>;
