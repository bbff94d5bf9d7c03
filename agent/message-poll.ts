/** Long polls of ec2messages, for a node whose control channel is refused. */
import { randomUUID } from 'node:crypto';
import type { Log } from '../core/log.ts';
import type { Reply } from './replies.ts';
import type { ServiceClient } from './service-client.ts';
import { ackCodes } from './jobs.ts';

interface Messages {
  readonly Messages?: readonly { readonly MessageId: string; readonly Topic: string; readonly Payload: string }[];
}

/** The service answers within 15 s. */
const timeout = 20_000;
const pauses = { quick: 2_000, longest: 60_000 };

export class MessagePoll {
  readonly #service: ServiceClient;
  readonly #onJob: (jobId: string, topic: string, content: string) => string;
  readonly #log: Log;
  #polling: AbortController | undefined;

  constructor(service: ServiceClient, onJob: (jobId: string, topic: string, content: string) => string, log: Log) {
    this.#service = service;
    this.#onJob = onJob;
    this.#log = log;
  }

  get isActive(): boolean {
    return this.#polling !== undefined;
  }

  start(): void {
    if (this.#polling !== undefined) return;
    this.#polling = new AbortController();
    void this.#loop(this.#polling.signal);
  }

  stop(): void {
    this.#polling?.abort();
    this.#polling = undefined;
  }

  /** @throws ServiceError, or what the network throws */
  async sendReply(reply: Pick<Reply, 'messageId' | 'jobId' | 'content'>): Promise<void> {
    await this.#service.callOnce('ec2messages', 'SendReply', {
      MessageId: reply.jobId,
      Payload: reply.content,
      ReplyId: reply.messageId,
    });
  }

  async #loop(signal: AbortSignal): Promise<void> {
    let pause = pauses.quick;
    while (!signal.aborted) {
      const began = Date.now();
      try {
        const came = await this.#poll(signal);
        pause = pauses.quick;
        // An immediate empty answer was no long poll, so the next one waits a little.
        if (came === 0 && Date.now() - began < 1_000) await rest(pauses.quick, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#log.info('messages could not be fetched', { error });
        await rest(pause, signal);
        pause = Math.min(pauses.longest, pause * 2);
      }
    }
  }

  /** @returns how many messages were accepted */
  async #poll(signal: AbortSignal): Promise<number> {
    const { nodeId } = this.#service.registration;
    const { Messages: messages = [] } = await this.#service.callOnce<Messages>(
      'ec2messages',
      'GetMessages',
      { Destination: nodeId, MessagesRequestId: randomUUID(), VisibilityTimeoutInSeconds: 10 },
      { timeout, signal },
    );
    let taken = 0;
    for (const message of messages) {
      const code = this.#onJob(message.MessageId, message.Topic, message.Payload);
      // A full buffer is not reported: the message comes again after its visibility time-out.
      if (code === ackCodes.bufferFull || code === ackCodes.closed) continue;
      if (code === ackCodes.unexpectedType)
        await this.#service.call('ec2messages', 'FailMessage', {
          MessageId: message.MessageId,
          FailureType: 'InternalHandlerException',
        });
      else await this.#service.call('ec2messages', 'AcknowledgeMessage', { MessageId: message.MessageId });
      taken++;
    }
    return taken;
  }
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
