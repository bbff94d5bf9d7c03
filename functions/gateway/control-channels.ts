/** The control channels of this gateway: one for each node; a new one replaces the old one. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { closeConnection, openConnection, recordConnected } from '../nodes/index.ts';
import { readOpenControlChannel } from './agent-messages.ts';
import { spendChannelToken } from './channel-token.ts';
import { ControlChannel } from './control-channel.ts';
import type { GatewayParts } from './hooks.ts';
import { Sweep } from './sweep.ts';

/** Agents send no larger frames; a larger one is refused before it is read. */
export const mostFrameBytes = 142_000;

/** A websocket message: its data, and whether it is binary. */
type Incoming = readonly [data: Buffer, isBinary: boolean];

/** The most messages that may arrive while the token is checked. */
const mostEarly = 64;
const policyViolation = 1008;

export class ControlChannels {
  readonly #parts: GatewayParts;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: mostFrameBytes,
  });
  readonly #channels = new Map<string, ControlChannel>();
  readonly #opening = new Set<WebSocket>();
  readonly #closing = new Set<Promise<void>>();
  readonly #sweep: Sweep;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#sweep = new Sweep(parts.timing.tick, (error) =>
      parts.context.log.error('a control channel could not be looked after', { error }),
    );
  }

  has(nodeId: string): boolean {
    return this.#channels.has(nodeId);
  }

  wake(nodeId: string): void {
    this.#channels.get(nodeId)?.deliver();
  }

  /** Accepts a connection whose signature was verified as the node's. */
  accept(nodeId: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (websocket) => this.#shakeHands(nodeId, websocket));
  }

  /** Closes all channels, and waits until everything they received is recorded. */
  async close(): Promise<void> {
    this.#sweep.close();
    for (const socket of this.#opening) socket.terminate();
    await Promise.all([...this.#channels.values()].map((channel) => channel.close('the gateway stops')));
    await Promise.all(this.#closing);
    this.#sockets.close();
  }

  /** The first message must be a text with the token from CreateControlChannel. */
  #shakeHands(nodeId: string, socket: WebSocket): void {
    const { context, timing } = this.#parts;
    this.#opening.add(socket);
    const early: Incoming[] = [];
    const refuse = (reason: string): void => {
      context.log.warn('a control channel was refused', { nodeId, reason });
      socket.close(policyViolation, 'the control channel was refused');
    };
    const tooLate = setTimeout(() => refuse('no token came'), timing.handshake);
    const done = (): void => {
      clearTimeout(tooLate);
      this.#opening.delete(socket);
    };
    socket.once('close', done);
    socket.on('error', (error) => context.log.warn('a websocket failed', { nodeId, reason: error.message }));
    const collect = (data: Buffer, isBinary: boolean): void => {
      if (early.push([data, isBinary]) > mostEarly) return socket.terminate();
      if (early.length > 1) return;
      this.#checkToken(nodeId, data, isBinary)
        .then(
          () => {
            socket.off('message', collect);
            if (socket.readyState === socket.OPEN) this.#open(nodeId, socket, early.slice(1));
          },
          (error: unknown) => refuse(error instanceof Error ? error.message : String(error)),
        )
        .finally(done);
    };
    socket.on('message', collect);
  }

  async #checkToken(nodeId: string, data: Buffer, isBinary: boolean): Promise<void> {
    if (isBinary) throw new Error('the first message was not a text');
    await spendChannelToken(this.#parts.context, nodeId, readOpenControlChannel(data).token);
  }

  #open(nodeId: string, socket: WebSocket, early: readonly Incoming[]): void {
    const { context, gatewayId } = this.#parts;
    const connectionId = context.ids.uuid();
    const channel = new ControlChannel(this.#parts, socket, { nodeId, connectionId });
    this.#channels.get(nodeId)?.end('another control channel of the node has been opened');
    this.#channels.set(nodeId, channel);
    const opened = this.#announce(channel, { gatewayId, connectionId });
    socket.once('close', () => {
      if (this.#channels.get(nodeId) === channel) this.#channels.delete(nodeId);
      this.#sweep.delete(channel);
      const closed = opened
        .then(() => closeConnection(context, nodeId, connectionId))
        .catch((error: unknown) =>
          context.log.error('the end of a control channel could not be recorded', { nodeId, error }),
        )
        .finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
      context.log.info('control channel closed', { nodeId, connectionId });
    });
    this.#sweep.add(channel);
    for (const [data, isBinary] of early) channel.receive(data, isBinary);
    context.log.info('control channel opened', { nodeId, connectionId });
  }

  /** The row is written first: a channel delivers messages only while the row names it. */
  async #announce(
    channel: ControlChannel,
    connection: { readonly gatewayId: string; readonly connectionId: string },
  ): Promise<void> {
    const { context } = this.#parts;
    try {
      await openConnection(context, channel.nodeId, connection);
      channel.deliver();
      await recordConnected(context, channel.nodeId);
      // Another gateway that still holds the node notices that it was replaced.
      context.mailbox.wake(channel.nodeId);
    } catch (error) {
      context.log.error('a control channel could not be recorded', { nodeId: channel.nodeId, error });
      channel.end('the control channel could not be recorded');
    }
  }
}
