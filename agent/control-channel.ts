/** The control channel: receives jobs, sends acknowledgements and replies. It is opened again whenever it ends. */
import { randomUUID } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import WebSocket, { type ClientOptions } from 'ws';
import { decodeFrame, encodeFrame } from '../core/agent-protocol/frame.ts';
import type { Log } from '../core/log.ts';
import { refusals, ServiceError } from '../core/http-client.ts';
import type { Reply } from './replies.ts';
import type { ServiceClient } from './service-client.ts';

export interface ControlChannelEvents {
  /** @returns the code to answer with */
  onJob(jobId: string, topic: string, content: string): string;
  onReplyAcknowledged(messageId: string): void;
  onOpen(): void;
  onClose(): void;
  /** The service refuses control channels to this node: poll instead. */
  onRefused(): void;
}

/** The protocol sends a ping every 54 s. When one has no answer before the next, the channel is dead. */
const pingEvery = 54_000;
const pauses = { first: 500, longest: 30_000, refused: 300_000 };
const patience = 5_000;
/** The service sends no larger frames. */
const largestFrame = 2 * 1024 * 1024;

export class ControlChannel {
  readonly #service: ServiceClient;
  readonly #events: ControlChannelEvents;
  readonly #agentVersion: string;
  readonly #log: Log;
  #socket: WebSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pause = pauses.first;
  #stopped = false;

  constructor(service: ServiceClient, events: ControlChannelEvents, agentVersion: string, log: Log) {
    this.#service = service;
    this.#events = events;
    this.#agentVersion = agentVersion;
    this.#log = log;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Opens the channel, and keeps it open until `stop`. */
  start(): void {
    void this.#open();
  }

  /** @returns whether the reply was sent; its acknowledgement comes later */
  sendReply(reply: Pick<Reply, 'messageId' | 'jobId' | 'content'>): boolean {
    return this.#send(
      'agent_job_reply',
      { schemaVersion: 1, jobId: reply.jobId, content: reply.content, topic: 'aws.ssm.sendCommand' },
      reply.messageId,
    );
  }

  /** Checks the connection now: after a sleep of the machine the other side has long closed it. */
  check(): void {
    const socket = this.#socket;
    if (socket === undefined) return this.#again(0);
    if (socket.readyState !== WebSocket.OPEN) return;
    const dead = setTimeout(() => socket.terminate(), patience);
    socket.once('pong', () => clearTimeout(dead));
    socket.once('close', () => clearTimeout(dead));
    socket.ping('keepalive');
  }

  /** Cuts the connection without a close frame, as a failing network does. It is opened again. */
  cut(): void {
    this.#socket?.terminate();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  async #open(): Promise<void> {
    if (this.#stopped) return;
    try {
      const token = await this.#createChannel();
      if (token !== undefined) await this.#connect(token);
    } catch (error) {
      this.#log.info('the control channel could not be opened', { error });
      this.#again(isRefusal(error) ? pauses.refused * (0.5 + Math.random()) : this.#nextPause());
    }
  }

  /** @returns the channel's token; undefined where the service refuses this node */
  async #createChannel(): Promise<string | undefined> {
    const { nodeId } = this.#service.registration;
    const answer = await this.#service.post(`/v1/control-channel/${nodeId}`, {
      MessageSchemaVersion: '1.0',
      RequestId: randomUUID(),
    });
    const text = answer.body.toString();
    const token = /<TokenValue>([^<]*)<\/TokenValue>/.exec(text)?.[1];
    if (answer.status === 201 && token !== undefined) return token;
    if (!text.includes('<AccessDeniedException>'))
      throw new Error(`CreateControlChannel answered ${answer.status}: ${text.slice(0, 200)}`);
    this.#events.onRefused();
    this.#again(pauses.refused * (0.5 + Math.random()));
    return undefined;
  }

  async #connect(token: string): Promise<void> {
    const { nodeId, nodeEndpoint } = this.#service.registration;
    const url = new URL(
      `/v1/control-channel/${nodeId}?role=subscribe&stream=input`,
      nodeEndpoint.replace(/^http/, 'ws'),
    );
    const options: ClientOptions & Pick<ConnectionOptions, 'secureContext'> = {
      headers: await this.#service.upgradeHeaders(url),
      perMessageDeflate: false,
      handshakeTimeout: 15_000,
      maxPayload: largestFrame,
      secureContext: this.#service.http.secureContext,
    };
    const socket = new WebSocket(url, options);
    this.#socket = socket;
    let answered = true;
    let pinger: NodeJS.Timeout | undefined;
    socket.on('open', () => {
      socket.send(
        JSON.stringify({
          Cookie: null,
          MessageSchemaVersion: '1.0',
          RequestId: randomUUID(),
          TokenValue: token,
          AgentVersion: this.#agentVersion,
          PlatformType: 'linux',
        }),
      );
      this.#pause = pauses.first;
      pinger = setInterval(() => {
        if (!answered) return socket.terminate();
        answered = false;
        socket.ping('keepalive');
      }, pingEvery);
      this.#events.onOpen();
    });
    const sign = (): void => {
      answered = true;
    };
    socket.on('pong', sign);
    socket.on('ping', sign);
    socket.on('message', (data, isBinary) => {
      sign();
      if (isBinary) this.#take(data as Buffer);
    });
    socket.on('error', (error) => this.#log.info('the control channel broke', { error }));
    socket.on('close', (code) => {
      clearInterval(pinger);
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#log.debug('the control channel closed', { code });
      this.#events.onClose();
      this.#again(this.#nextPause());
    });
  }

  #take(data: Buffer): void {
    try {
      const frame = decodeFrame(data);
      const message = JSON.parse(frame.payload.toString()) as Readonly<Record<string, string>>;
      if (frame.messageType === 'agent_job') this.#takeJob(frame.messageId, message);
      else if (frame.messageType === 'agent_job_reply_ack')
        this.#events.onReplyAcknowledged(message.acknowledgedMessageId ?? '');
      else this.#log.debug('a control message is not of interest', { messageType: frame.messageType });
    } catch (error) {
      this.#log.warn('a control message cannot be read', { error });
    }
  }

  #takeJob(messageId: string, message: Readonly<Record<string, string>>): void {
    const jobId = message.JobId ?? '';
    const statusCode = this.#events.onJob(jobId, message.Topic ?? '', message.Content ?? '');
    this.#send(
      'agent_job_ack',
      {
        jobId,
        acknowledgedMessageId: messageId,
        createdDate: new Date().toISOString(),
        statusCode,
        errorMessage: statusCode === '200' ? 'Successful' : 'Refused',
      },
      randomUUID(),
    );
  }

  #send(messageType: string, payload: object, messageId: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(
      encodeFrame({ messageType, messageId, createdDate: Date.now(), payload: Buffer.from(JSON.stringify(payload)) }),
    );
    return true;
  }

  /** Doubles each time, and differs between nodes: a fleet must not come back in the same second. */
  #nextPause(): number {
    const pause = this.#pause * (1 + Math.random() / 2);
    this.#pause = Math.min(pauses.longest, this.#pause * 2);
    return pause;
  }

  #again(pause: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#open(), pause);
  }
}

/** The service does not know this node (any more): frequent retries are useless. */
function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && refusals.includes(error.code);
}
