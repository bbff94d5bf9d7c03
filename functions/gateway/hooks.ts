/** What the gateway is given by the rooms whose messages it carries: it knows none of their rows. */
import type { Context } from '../../core/context.ts';
import type { RenderMessage } from '../../core/node-message.ts';

export interface Delivery {
  readonly nodeId: string;
  /** `aws.ssm.<command id>.<node id>` */
  readonly messageId: string;
}

export interface Reply extends Delivery {
  /** The same for a reply that is sent again. */
  readonly replyId: string;
  /** The agent's report, parsed from JSON. */
  readonly payload: unknown;
}

export interface GatewayHooks {
  /** By the message's kind. */
  readonly renderers: Readonly<Record<string, RenderMessage>>;
  /** The node has the message. Durable when it resolves; the gateway then drops the message. */
  readonly recordDelivery: (delivery: Delivery, context: Context) => Promise<void>;
  /** The node could not take the message now; it will be sent again. */
  readonly recordDelay: (delivery: Delivery, context: Context) => Promise<void>;
  /** The node's report. Durable when it resolves; the gateway then acknowledges it. May come twice. */
  readonly recordReply: (reply: Reply, context: Context) => Promise<void>;
}

/** What keeps a gateway's time: real time, because sockets live in it. Tests are quicker. */
export interface GatewayTiming {
  /** How often what is due is looked for. */
  readonly tick: number;
  /** How often a quiet connection is pinged and its messages are read again. */
  readonly round: number;
  /** An unacknowledged job is sent again after this, then after twice as long, up to `round`. */
  readonly resend: number;
  /** A job that found the agent's buffer full is sent again after this. */
  readonly bufferFull: number;
  /** How long a poll waits for a message. */
  readonly poll: number;
  /** How long an opened websocket may take to send its token. */
  readonly handshake: number;
}

export const defaultTiming: GatewayTiming = {
  tick: 500,
  round: 30_000,
  resend: 3_000,
  bufferFull: 10_000,
  poll: 15_000,
  handshake: 10_000,
};

/** What all parts of one gateway share. */
export interface GatewayParts extends GatewayHooks {
  readonly context: Context;
  readonly gatewayId: string;
  readonly timing: GatewayTiming;
  /** Kinds of messages that were found and are not known here: each is logged once. */
  readonly unknownKinds: Set<string>;
}
