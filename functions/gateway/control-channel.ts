/** One node's control channel after the handshake: jobs are sent; acknowledgements and reports are received. */
import type { WebSocket } from 'ws';
import { decodeFrame, encodeFrame, MalformedFrame, type Frame } from '../../core/agent-protocol/frame.ts';
import { ApiError } from '../../core/errors.ts';
import type { RenderedMessage } from '../../core/node-message.ts';
import { connectionStands, deleteMessage, pendingMessages } from '../nodes/index.ts';
import { delivered, rendererOf, replied, undeliverable } from './deliveries.ts';
import type { Delivery, GatewayParts } from './hooks.ts';
import { Jobs } from './jobs.ts';
import { checkOwnMessage } from './message-id.ts';
import { MalformedMessage, readJobAck, readJobReply } from './agent-messages.ts';
import { Serial } from './serial.ts';
import type { Visited } from './sweep.ts';

const normalClosure = 1000;
const policyViolation = 1008;
const goingAway = 1001;
/** Milliseconds that the other side has to answer a close. */
const patience = 500;
/** Unreadable frames after which the channel is closed. */
const toleratedGarbage = 10;
/** Incoming messages that may wait to be recorded; with more, the socket is not read. */
const mostWaiting = 32;
/** Unsent bytes above which nothing more is sent. */
const mostBuffered = 4_000_000;

export interface Channel {
  readonly nodeId: string;
  readonly connectionId: string;
}

export class ControlChannel implements Channel, Visited {
  readonly nodeId: string;
  readonly connectionId: string;
  due: number;
  readonly #parts: GatewayParts;
  readonly #socket: WebSocket;
  readonly #jobs: Jobs;
  readonly #incoming: Serial;
  readonly #sending: Serial;
  #nextRound: number;
  #answeredPing = true;
  #garbage = 0;
  #deliveryAsked = false;

  constructor(parts: GatewayParts, socket: WebSocket, { nodeId, connectionId }: Channel) {
    this.nodeId = nodeId;
    this.connectionId = connectionId;
    this.#parts = parts;
    this.#socket = socket;
    this.#jobs = new Jobs(parts.timing);
    this.#incoming = new Serial(mostWaiting, (full) => (full ? socket.pause() : socket.resume()));
    this.#sending = new Serial(Infinity, () => undefined);
    // Rounds are spread at random. Otherwise all nodes that reconnected after a restart would be read in the same
    // second from then on.
    this.#nextRound = Date.now() + parts.timing.round * (0.5 + Math.random() / 2);
    this.due = this.#nextRound;
    socket.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    socket.on('pong', () => (this.#answeredPing = true));
    socket.on('ping', () => (this.#answeredPing = true));
  }

  /** Sends the messages that wait for the node. Called on connect, on wake and in every round. */
  deliver(): void {
    if (this.#deliveryAsked) return;
    this.#deliveryAsked = true;
    this.#sending.run(async () => {
      this.#deliveryAsked = false;
      try {
        await this.#deliverPending();
      } catch (error) {
        this.#parts.context.log.error('messages could not be delivered', { nodeId: this.nodeId, error });
      }
      this.due = Math.min(this.#nextRound, this.#jobs.nextDue());
    });
  }

  /** Called by the sweep when the channel is due: sends a ping in every round, and repeats unacknowledged jobs. */
  async visit(now: number): Promise<void> {
    if (now >= this.#nextRound) {
      this.#nextRound = now + this.#parts.timing.round;
      if (!this.#answeredPing) {
        this.#parts.context.log.info('a control channel is dead', { nodeId: this.nodeId });
        this.#socket.terminate();
        return;
      }
      this.#answeredPing = false;
      this.#socket.ping();
    }
    this.deliver();
    await this.#sending.idle();
  }

  /** Closes the channel with a reason that the agent logs. */
  end(reason: string, code = normalClosure): void {
    this.#socket.close(code, reason);
  }

  /** Records and acknowledges the messages received so far, then closes the channel. */
  async close(reason: string): Promise<void> {
    await this.#incoming.idle();
    await this.#sending.idle();
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.end(reason, goingAway);
    const cutOff = setTimeout(() => this.#socket.terminate(), patience);
    if (this.#socket.readyState !== this.#socket.CLOSED) await closed;
    clearTimeout(cutOff);
  }

  async #deliverPending(): Promise<void> {
    const { context } = this.#parts;
    const [standing, messages] = await Promise.all([
      connectionStands(context, this.nodeId, this.connectionId),
      pendingMessages(context, this.nodeId),
    ]);
    if (standing !== 'stands')
      return this.end(
        standing === 'replaced'
          ? 'another control channel of the node has been opened'
          : 'the node has been deregistered',
      );
    this.#jobs.keep(new Set(messages.map((message) => message.messageId)));
    const now = Date.now();
    for (const message of messages) {
      const { messageId } = message;
      if ((message.hiddenUntil ?? 0) > now || !this.#jobs.isDue(messageId, now)) continue;
      if (this.#socket.readyState !== this.#socket.OPEN || this.#socket.bufferedAmount > mostBuffered) return;
      const render = rendererOf(this.#parts, message.kind);
      if (render === undefined) continue;
      let rendered: RenderedMessage | undefined;
      try {
        rendered = await render(message.reference as never, this.nodeId, context);
      } catch (error) {
        // A message that cannot be built must not delay those behind it; the next round tries again.
        context.log.error('a message could not be rendered', { nodeId: this.nodeId, messageId, error });
        continue;
      }
      if (rendered === undefined) {
        await this.#drop(messageId);
        continue;
      }
      this.#jobs.sent(messageId, now);
      this.#send('agent_job', { SchemaVersion: 1, JobId: messageId, Topic: rendered.topic, Content: rendered.content });
    }
  }

  async #drop(messageId: string): Promise<void> {
    this.#jobs.acknowledged(messageId);
    await this.#parts.context.state.write(deleteMessage(this.nodeId, messageId));
  }

  #send(messageType: string, payload: object): void {
    this.#socket.send(
      encodeFrame({
        messageType,
        messageId: this.#parts.context.ids.uuid(),
        createdDate: Date.now(),
        payload: Buffer.from(JSON.stringify(payload)),
      }),
    );
  }

  /** Handles a message of the websocket. */
  receive(data: Buffer, isBinary: boolean): void {
    this.#answeredPing = true;
    let frame: Frame;
    try {
      if (!isBinary) throw new MalformedMessage('a text frame after the handshake');
      frame = decodeFrame(data);
    } catch (error) {
      this.#refuse('a frame cannot be read', error);
      return;
    }
    this.#incoming.run(async () => {
      try {
        await this.#take(frame);
      } catch (error) {
        this.#refuse(`${frame.messageType} was not taken`, error);
      }
    });
  }

  async #take(frame: Frame): Promise<void> {
    switch (frame.messageType) {
      case 'agent_job_ack':
        return this.#takeAck(frame);
      case 'agent_job_reply':
        return this.#takeReply(frame);
      default:
        // Telemetry, and the ends of sessions.
        this.#parts.context.log.debug('a control message is not of interest', {
          nodeId: this.nodeId,
          messageType: frame.messageType,
        });
    }
  }

  async #takeAck(frame: Frame): Promise<void> {
    const { jobId, statusCode, errorMessage } = readJobAck(frame.payload);
    checkOwnMessage(jobId, this.nodeId);
    const delivery: Delivery = { nodeId: this.nodeId, messageId: jobId };
    switch (statusCode) {
      case '200':
      case '51405': // The agent already has the job.
        await delivered(this.#parts, delivery);
        return this.#jobs.acknowledged(jobId);
      case '51401': // The agent is stopping.
      case '51402': // The agent's buffer is full.
        this.#jobs.postpone(jobId, Date.now() + this.#parts.timing.bufferFull);
        this.due = Math.min(this.due, Date.now() + this.#parts.timing.bufferFull);
        return this.#parts.recordDelay(delivery, this.#parts.context);
      default:
        await undeliverable(
          this.#parts,
          delivery,
          frame.messageId,
          `The agent refused the command: ${statusCode} ${errorMessage}`,
        );
        return this.#jobs.acknowledged(jobId);
    }
  }

  async #takeReply(frame: Frame): Promise<void> {
    const { jobId, content } = readJobReply(frame.payload);
    checkOwnMessage(jobId, this.nodeId);
    await replied(this.#parts, { nodeId: this.nodeId, messageId: jobId, replyId: frame.messageId, content });
    // Sent after the commit and within a second: otherwise the agent repeats the report five minutes later.
    this.#send('agent_job_reply_ack', { jobId, acknowledgedMessageId: frame.messageId });
    // A command has ended, so a job that found the agent's buffer full can be sent now.
    if (this.#jobs.release(Date.now())) this.deliver();
  }

  /**
   * Handles input that an agent should not send. An error of ours does not count against the agent: it repeats its
   * report.
   */
  #refuse(what: string, error: unknown): void {
    if (!(error instanceof ApiError || error instanceof MalformedFrame || error instanceof MalformedMessage)) {
      this.#parts.context.log.error(what, { nodeId: this.nodeId, error });
      return;
    }
    this.#parts.context.log.warn(what, { nodeId: this.nodeId, reason: error.message });
    if (++this.#garbage >= toleratedGarbage) this.end('too many messages that cannot be taken', policyViolation);
  }
}
