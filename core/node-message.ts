/** A message as a gateway sends it to a node. What is kept is a reference; each kind has a function that renders it. */
import type { Context } from './context.ts';

export interface RenderedMessage {
  /** `aws.ssm.sendCommand.<region>.<node>` */
  readonly topic: string;
  /** The payload as JSON text. */
  readonly content: string;
}

/**
 * Turns a message's reference into what is sent.
 * @returns `undefined` when the message is void by now and may be dropped
 */
export type RenderMessage = (
  reference: never,
  nodeId: string,
  context: Context,
) => Promise<RenderedMessage | undefined>;
