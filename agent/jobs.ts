/**
 * The commands of this node: each is accepted once, five run at a time, they can be cancelled, and they survive a
 * restart.
 */
import type { Log } from '../core/log.ts';
import { runJob, type CommandPayload, type JobEnd, type JobParts } from './job.ts';
import { bootId, type Journal, type JournalEntry } from './journal.ts';
import { endProcessGroup, processGroup } from './process-group.ts';
import type { Replies } from './replies.ts';
import { report } from './report.ts';
import type { StepResult } from './result.ts';
import { Turns } from './turns.ts';

/** The codes that answer a job, as in amazon-ssm-agent. */
export const ackCodes = {
  taken: '200',
  bufferFull: '51402',
  unexpectedType: '51403',
  duplicate: '51405',
  unreadable: '51408',
  closed: '51401',
} as const;

/** AWS's agent has five workers and a buffer for five more. */
const workers = 5;
const buffer = 5;

const cutOff = 'The agent ended while this command was running. It has not been run again.';

export interface JobsParts extends JobParts {
  readonly journal: Journal;
  readonly replies: Replies;
  /** Asks the machine to reboot. @throws Error when it cannot be asked */
  readonly reboot: () => Promise<void>;
}

export class Jobs {
  readonly #parts: JobsParts;
  readonly #log: Log;
  readonly #turns = new Turns(workers);
  readonly #running = new Map<string, AbortController>();
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;
  #rebooting = false;

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.#log = parts.log;
  }

  /**
   * Accepts a job, durably, and runs it when a worker is free.
   * @returns the code to answer with
   */
  take(jobId: string, topic: string, content: string): string {
    if (topic.startsWith('aws.ssm.cancelCommand')) return this.#cancel(content);
    if (!topic.startsWith('aws.ssm.sendCommand')) return ackCodes.unexpectedType;
    // A command accepted in the minute before a reboot would be interrupted by it.
    if (this.#closed || this.#rebooting) return ackCodes.closed;
    const payload = parsePayload(content);
    if (payload === undefined) {
      this.#log.warn('a job cannot be read', { jobId });
      this.#parts.replies.save({ jobId, final: true, content: this.#failure('The command cannot be read.') });
      return ackCodes.unreadable;
    }
    if (this.#running.has(payload.CommandId)) return ackCodes.duplicate;
    if (this.#running.size >= workers + buffer) return ackCodes.bufferFull;
    try {
      if (!this.#parts.journal.take({ commandId: payload.CommandId, jobId, payload: content }))
        return ackCodes.duplicate;
    } catch (error) {
      // A job that is not on the disk is not accepted: after a crash it might run twice. The service sends it again.
      this.#log.error('a command could not be written to the disk and is not taken', {
        commandId: payload.CommandId,
        error,
      });
      return ackCodes.bufferFull;
    }
    this.#start(jobId, payload, []);
    return ackCodes.taken;
  }

  /**
   * Handles what the last run of this agent left: commands that continue after a reboot, and commands that a crash
   * interrupted.
   */
  resume(): void {
    for (const entry of this.#parts.journal.unfinished()) {
      const payload = parsePayload(entry.payload ?? '');
      if (entry.phase !== 'rebooting' || payload === undefined) this.#tellOfCrash(entry);
      else if (entry.bootId !== bootId()) this.#start(entry.jobId, payload, entry.results ?? []);
      // The agent was restarted before the machine was.
      else void this.#reboot(entry.jobId, entry.commandId);
    }
  }

  /** Accepts nothing more and cancels what runs; resolves when everything has ended. */
  async stop(): Promise<void> {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort();
    await Promise.all(this.#underWay);
  }

  #tellOfCrash(entry: JournalEntry): void {
    // Its script may still run, and nothing would watch it any more.
    if (entry.group !== undefined && entry.bootId === bootId()) endProcessGroup(entry.group);
    if (!this.#parts.replies.hasFinal(entry.jobId))
      this.#parts.replies.save({ jobId: entry.jobId, final: true, content: this.#failure(cutOff) });
    this.#note(entry.commandId, { phase: 'done' });
  }

  #start(jobId: string, payload: CommandPayload, done: readonly StepResult[]): void {
    const controller = new AbortController();
    this.#running.set(payload.CommandId, controller);
    const work = this.#turns
      .take(controller.signal, () => this.#run(jobId, payload, controller.signal, done))
      .catch((error: unknown) => {
        this.#log.error('a command could not be brought to its end', { commandId: payload.CommandId, error });
        this.#end(
          jobId,
          payload.CommandId,
          this.#failure(`The agent failed: ${error instanceof Error ? error.message : String(error)}`),
        );
      })
      .finally(() => {
        this.#running.delete(payload.CommandId);
        this.#underWay.delete(work);
      });
    this.#underWay.add(work);
  }

  async #run(jobId: string, payload: CommandPayload, signal: AbortSignal, done: readonly StepResult[]): Promise<void> {
    const { replies, orchestration } = this.#parts;
    orchestration.enter(payload.CommandId);
    let end: JobEnd;
    try {
      end = await runJob(
        payload,
        this.#parts,
        {
          interim: (content) => void replies.sendOnce({ jobId, content }),
          step: (content) => replies.save({ jobId, content, final: false }),
          process: (pid) => this.#note(payload.CommandId, { group: processGroup(pid) }),
        },
        signal,
        done,
      );
    } finally {
      orchestration.leave(payload.CommandId);
    }
    if (end.status !== 'SuccessAndReboot') return this.#end(jobId, payload.CommandId, end.content);
    // All results but that of the step that asked for the reboot: it runs again. The reboot must not happen before this
    // is on the disk.
    this.#parts.journal.update(payload.CommandId, { phase: 'rebooting', results: end.results.slice(0, -1) });
    await replies.sendOnce({ jobId, content: end.content });
    await this.#reboot(jobId, payload.CommandId);
  }

  /** The reply is stored first: after a crash between the two writes it shows that the command has ended. */
  #end(jobId: string, commandId: string, content: string): void {
    this.#parts.replies.save({ jobId, content, final: true });
    this.#note(commandId, { phase: 'done' });
  }

  async #reboot(jobId: string, commandId: string): Promise<void> {
    this.#rebooting = true;
    try {
      if (!this.#parts.mayReboot) throw new Error('this agent does not run as a service any more');
      await this.#parts.reboot();
    } catch (error) {
      this.#rebooting = false;
      this.#log.error('the machine could not be rebooted', { commandId, error });
      this.#end(
        jobId,
        commandId,
        this.#failure(`The machine could not be rebooted: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }

  /**
   * Stores a change that may be lost without harm: at worst a command that ended is reported as interrupted, which the
   * service then ignores.
   */
  #note(commandId: string, change: Parameters<Journal['update']>[1]): void {
    try {
      this.#parts.journal.update(commandId, change);
    } catch (error) {
      this.#log.error('the journal of commands could not be written', { commandId, error });
    }
  }

  #cancel(content: string): string {
    const cancelled = parseObject(content)?.CancelMessageId;
    const commandId = typeof cancelled === 'string' ? /^aws\.ssm\.([^.]+)\./.exec(cancelled)?.[1] : undefined;
    if (commandId === undefined) return ackCodes.unreadable;
    // An unknown command has ended or never came: there is nothing to cancel.
    this.#running.get(commandId)?.abort();
    return ackCodes.taken;
  }

  #failure(trace: string): string {
    return JSON.stringify(
      report('Failed', null, [], { agentVersion: this.#parts.agentVersion, now: Date.now() }, trace),
    );
  }
}

function parsePayload(content: string): CommandPayload | undefined {
  const payload = parseObject(content);
  return payload !== undefined &&
    typeof payload.CommandId === 'string' &&
    /^[A-Za-z0-9-]{1,100}$/.test(payload.CommandId)
    ? (payload as unknown as CommandPayload)
    : undefined;
}

function parseObject(content: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
