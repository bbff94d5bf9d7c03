/**
 * A simulated node: on the network it behaves as the agent does, with its key, credentials, control channel and
 * heart-beats, but its commands run nothing.
 */
import { randomUUID } from 'node:crypto';
import { ControlChannel } from '../agent/control-channel.ts';
import type { HttpClient } from '../core/http-client.ts';
import { ackCodes } from '../agent/jobs.ts';
import type { Registration } from '../agent/registration.ts';
import { RoleCredentials } from '../agent/role-credentials.ts';
import { ServiceClient } from '../agent/service-client.ts';
import { agentVersion } from '../agent/version.ts';
import type { Log } from '../core/log.ts';
import { runDueAssociations } from './associations.ts';
import { commandReport, isRefresh, readCommand, type Command } from './command-report.ts';
import { fateOf, type Faults } from './faults.ts';

/** What all nodes of a fleet share. */
export interface Behaviour {
  readonly faults: Faults;
  /** Milliseconds that a command takes. */
  readonly duration: number;
  /** Entries of AWS:Application in each node's inventory. */
  readonly inventoryEntries: number;
  readonly random: () => number;
}

/** What the fleet has received and done. */
export interface Counts {
  connected: number;
  /** Accepted commands. */
  taken: number;
  /** Commands that came again (same job id). */
  again: number;
  /** Last replies that the service has acknowledged. */
  acknowledged: number;
  /** Commands that were cancelled before they ended. */
  cancelled: number;
  heartBeats: number;
  associationsRun: number;
}

/** A reply that waits for its acknowledgement. */
interface Waiting {
  readonly jobId: string;
  readonly content: string;
  /** Epoch milliseconds. */
  dueAt: number;
  pause: number;
}

/** As in the agent: a reply is sent again after 2 s, and each further time after twice as long. */
const pauses = { first: 2_000, longest: 300_000 };
/** The number of job ids that a node remembers: enough for those that may be sent again. */
const remembered = 50;

export class SimulatedNode {
  readonly registration: Registration;
  readonly #service: ServiceClient;
  readonly #channel: ControlChannel;
  readonly #behaviour: Behaviour;
  readonly #counts: Counts;
  readonly #log: Log;
  readonly #taken = new Set<string>();
  /** The running commands, by job id. */
  readonly #running = new Map<
    string,
    { readonly command: Command; readonly startedAt: number; readonly timer: NodeJS.Timeout }
  >();
  readonly #waiting = new Map<string, Waiting>();
  #open = false;

  constructor(registration: Registration, http: HttpClient, behaviour: Behaviour, counts: Counts, log: Log) {
    this.registration = registration;
    this.#behaviour = behaviour;
    this.#counts = counts;
    this.#log = log.with({ nodeId: registration.nodeId });
    const credentials = new RoleCredentials(http, registration, () => undefined, this.#log);
    this.#service = new ServiceClient(http, registration, credentials);
    const events = {
      onJob: (jobId: string, topic: string, content: string) => this.#take(jobId, topic, content),
      onReplyAcknowledged: (messageId: string) => this.#acknowledged(messageId),
      onOpen: () => this.#changed(true),
      onClose: () => this.#changed(false),
      onRefused: () => this.#log.warn('control channels are refused to this node'),
    };
    this.#channel = new ControlChannel(this.#service, events, agentVersion, this.#log);
  }

  /** Sends the first heart-beat, then opens the channel, which reconnects by itself. */
  async start(): Promise<void> {
    await this.beat();
    this.#channel.start();
  }

  stop(): void {
    for (const { timer } of this.#running.values()) clearTimeout(timer);
    this.#channel.stop();
  }

  async beat(): Promise<void> {
    const { nodeId } = this.registration;
    await this.#service.call('ssm', 'UpdateInstanceInformation', {
      InstanceId: nodeId,
      AgentName: 'flotilla-agent',
      AgentStatus: 'Active',
      AgentVersion: agentVersion,
      ComputerName: `simulated-${nodeId.slice(3, 11)}`,
      IPAddress: '192.0.2.1',
      PlatformName: 'Simulated Linux',
      PlatformType: 'Linux',
      PlatformVersion: '1',
      SSMConnectionChannel: this.#open ? 'ssmmessages' : '',
    });
    this.#counts.heartBeats++;
  }

  async pollAssociations(): Promise<void> {
    this.#counts.associationsRun += await runDueAssociations(this.#service, this.#behaviour.inventoryEntries);
  }

  /** Sends replies again that were not acknowledged in time. @param now epoch milliseconds */
  resend(now: number): void {
    for (const [messageId, waiting] of this.#waiting) if (waiting.dueAt <= now) this.#send(messageId, waiting, now);
  }

  #changed(open: boolean): void {
    if (open !== this.#open) this.#counts.connected += open ? 1 : -1;
    this.#open = open;
    if (!open) return;
    for (const waiting of this.#waiting.values()) Object.assign(waiting, { dueAt: 0, pause: pauses.first });
    this.resend(Date.now());
  }

  /** @returns the code to answer with */
  #take(jobId: string, topic: string, content: string): string {
    if (topic.startsWith('aws.ssm.cancelCommand')) return this.#cancel(content);
    if (!topic.startsWith('aws.ssm.sendCommand')) return ackCodes.unexpectedType;
    if (this.#taken.has(jobId)) {
      this.#counts.again++;
      return ackCodes.duplicate;
    }
    const command = readCommand(content);
    if (command === undefined) return ackCodes.unreadable;
    this.#remember(jobId);
    this.#counts.taken++;
    const startedAt = Date.now();
    const fate = fateOf(this.#behaviour.faults, this.#behaviour.duration, this.#behaviour.random);
    const end = (): void => {
      this.#running.delete(jobId);
      if (isRefresh(command))
        this.pollAssociations().catch((error: unknown) =>
          this.#log.warn('associations could not be looked for', { error }),
        );
      this.#reply(
        jobId,
        commandReport(command, this.registration.nodeId, fate.failed ? 'Failed' : 'Success', startedAt, Date.now()),
        fate,
      );
    };
    this.#running.set(jobId, { command, startedAt, timer: setTimeout(end, fate.delay) });
    return ackCodes.taken;
  }

  #cancel(content: string): string {
    const { CancelMessageId: jobId = '' } = JSON.parse(content) as { CancelMessageId?: string };
    const running = this.#running.get(jobId);
    if (running === undefined) return ackCodes.taken;
    clearTimeout(running.timer);
    this.#running.delete(jobId);
    this.#counts.cancelled++;
    this.#reply(
      jobId,
      commandReport(running.command, this.registration.nodeId, 'Cancelled', running.startedAt, Date.now()),
      { lost: false, doubled: false },
    );
    return ackCodes.taken;
  }

  #remember(jobId: string): void {
    this.#taken.add(jobId);
    if (this.#taken.size <= remembered) return;
    const [oldest] = this.#taken;
    this.#taken.delete(oldest!);
  }

  #reply(
    jobId: string,
    content: string,
    { lost, doubled }: { readonly lost: boolean; readonly doubled: boolean },
  ): void {
    const messageId = randomUUID();
    const waiting = { jobId, content, dueAt: 0, pause: pauses.first };
    this.#waiting.set(messageId, waiting);
    if (lost) return this.#channel.cut();
    this.#send(messageId, waiting, Date.now());
    if (doubled) this.#channel.sendReply({ messageId, jobId, content });
  }

  #send(messageId: string, waiting: Waiting, now: number): void {
    if (!this.#channel.sendReply({ messageId, ...waiting })) return;
    waiting.dueAt = now + waiting.pause;
    waiting.pause = Math.min(pauses.longest, waiting.pause * 2);
  }

  #acknowledged(messageId: string): void {
    if (this.#waiting.delete(messageId)) this.#counts.acknowledged++;
  }
}
