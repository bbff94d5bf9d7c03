/**
 * A message as a gateway sends it to a node. Rows hold only a reference to it; each kind of message has a function that
 * builds it.
 */
import type { Context } from './context.ts';

export interface RenderedMessage {
  /** `aws.ssm.sendCommand.<region>.<node>` */
  readonly topic: string;
  /** The payload as JSON text. */
  readonly content: string;
}

/**
 * Builds the message from its reference.
 * @returns `undefined` when the message is no longer needed and may be deleted
 */
export type RenderMessage = (
  reference: never,
  nodeId: string,
  context: Context,
) => Promise<RenderedMessage | undefined>;
