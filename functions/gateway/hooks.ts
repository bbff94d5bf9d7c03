/** What rooms give to the gateway for the messages that it delivers. The gateway knows none of their rows. */
import type { Context } from '../../core/context.ts';
import type { RenderMessage } from '../../core/node-message.ts';

export interface Delivery {
  readonly nodeId: string;
  /** `aws.ssm.<command id>.<node id>` */
  readonly messageId: string;
}

export interface Reply extends Delivery {
  /** The same when a reply is sent again. */
  readonly replyId: string;
  /** The agent's report, parsed from JSON. */
  readonly payload: unknown;
}

export interface GatewayHooks {
  /** By the message's kind. */
  readonly renderers: Readonly<Record<string, RenderMessage>>;
  /** The node has the message. Durable when it resolves; the gateway then deletes the message. */
  readonly recordDelivery: (delivery: Delivery, context: Context) => Promise<void>;
  /** The node could not take the message now; it will be sent again. */
  readonly recordDelay: (delivery: Delivery, context: Context) => Promise<void>;
  /** The node's report. Durable when it resolves; the gateway then acknowledges it. A report may come twice. */
  readonly recordReply: (reply: Reply, context: Context) => Promise<void>;
}

/** The gateway's intervals in milliseconds of real time, because sockets use it. Tests set shorter ones. */
export interface GatewayTiming {
  /** How often due channels are looked for. */
  readonly tick: number;
  /** How often a quiet connection gets a ping and its messages are read again. */
  readonly round: number;
  /** The time before an unacknowledged job is sent again; it doubles each time, up to `round`. */
  readonly resend: number;
  /** The time before a job that found the agent's buffer full is sent again. */
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
