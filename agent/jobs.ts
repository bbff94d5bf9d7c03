/** The commands of this node: taken once, five at a time, cancelled on request, remembered over a restart. */
import type { Log } from '../core/log.ts';
import { runJob, type CommandPayload, type JobParts } from './job.ts';
import { bootId, type Journal, type JournalEntry } from './journal.ts';
import { endProcessGroup, processGroup } from './process-group.ts';
import type { Replies } from './replies.ts';
import { report } from './report.ts';
import type { StepResult } from './result.ts';

/** What a job is answered with: amazon-ssm-agent's codes. */
export const ackCodes = { taken: '200', bufferFull: '51402', unexpectedType: '51403', duplicate: '51405', unreadable: '51408', closed: '51401' } as const;

/** AWS's agent has five workers and a buffer for five more. */
const workers = 5;
const buffer = 5;

const cutOff = 'The agent ended while this command was running. It has not been run again.';

export interface JobsParts extends JobParts {
  readonly journal: Journal;
  readonly replies: Replies;
  readonly reboot: () => void;
}

export class Jobs {
  readonly #parts: JobsParts;
  readonly #log: Log;
  readonly #running = new Map<string, AbortController>();
  readonly #waiting: (() => void)[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: JobsParts) {
    this.#parts = parts;
    this.#log = parts.log;
  }

  /**
   * Takes a job, durably, and runs it in its turn.
   * @returns the code to answer with
   */
  take(jobId: string, topic: string, content: string): string {
    if (this.#closed) return ackCodes.closed;
    if (topic.startsWith('aws.ssm.cancelCommand')) return this.#cancel(content);
    if (!topic.startsWith('aws.ssm.sendCommand')) return ackCodes.unexpectedType;
    const payload = parsePayload(content);
    if (payload === undefined) {
      this.#log.warn('a job cannot be read', { jobId });
      this.#parts.replies.save({ jobId, final: true, content: JSON.stringify(report('Failed', null, [], { agentVersion: this.#parts.agentVersion, now: Date.now() }, 'The command cannot be read.')) });
      return ackCodes.unreadable;
    }
    if (this.#running.size >= workers + buffer) return ackCodes.bufferFull;
    if (!this.#parts.journal.take({ commandId: payload.CommandId, jobId, payload: content })) return ackCodes.duplicate;
    this.#start(jobId, payload, []);
    return ackCodes.taken;
  }

  /** What the last life of this agent left behind: a reboot to go on after, or a crash to tell of. */
  resume(): void {
    for (const entry of this.#parts.journal.unfinished()) {
      const payload = parsePayload(entry.payload ?? '');
      if (entry.phase === 'rebooting' && payload !== undefined && entry.bootId !== bootId()) this.#start(entry.jobId, payload, entry.results ?? []);
      else this.#tellOfCrash(entry);
    }
  }

  /** Takes nothing more and cancels what runs; resolves when that is told. */
  async stop(): Promise<void> {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort();
    await Promise.all(this.#underWay);
  }

  #tellOfCrash(entry: JournalEntry): void {
    // Its script may still run, and nobody would ever look at it again.
    if (entry.group !== undefined && entry.bootId === bootId()) endProcessGroup(entry.group);
    if (!this.#parts.replies.hasFinal(entry.jobId)) {
      const content = JSON.stringify(report('Failed', null, [], { agentVersion: this.#parts.agentVersion, now: Date.now() }, cutOff));
      this.#parts.replies.save({ jobId: entry.jobId, final: true, content });
    }
    this.#parts.journal.update(entry.commandId, { phase: 'done' });
  }

  #start(jobId: string, payload: CommandPayload, done: readonly StepResult[]): void {
    const controller = new AbortController();
    this.#running.set(payload.CommandId, controller);
    const work = this.#turn()
      .then(() => this.#run(jobId, payload, controller.signal, done))
      .catch((error: unknown) => this.#log.error('a command could not be brought to its end', { commandId: payload.CommandId, error }))
      .finally(() => {
        this.#running.delete(payload.CommandId);
        this.#waiting.shift()?.();
        this.#underWay.delete(work);
      });
    this.#underWay.add(work);
  }

  /** Resolves when one of the workers is free. */
  #turn(): Promise<void> {
    if (this.#running.size <= workers) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #run(jobId: string, payload: CommandPayload, signal: AbortSignal, done: readonly StepResult[]): Promise<void> {
    const { journal, replies, reboot } = this.#parts;
    const end = await runJob(
      payload,
      this.#parts,
      {
        interim: (content) => void replies.sendOnce({ jobId, content }),
        step: (content) => replies.save({ jobId, content, final: false }),
        process: (pid) => journal.update(payload.CommandId, { group: processGroup(pid) }),
      },
      signal,
      done,
    );
    if (end.status === 'SuccessAndReboot') {
      // All but the step that asked: it runs again.
      journal.update(payload.CommandId, { phase: 'rebooting', results: end.results.slice(0, -1) });
      await replies.sendOnce({ jobId, content: end.content });
      reboot();
      return;
    }
    // The reply first: a crash between the two finds it, and knows that the command came to its end.
    replies.save({ jobId, content: end.content, final: true });
    journal.update(payload.CommandId, { phase: 'done' });
  }

  #cancel(content: string): string {
    const cancelled = parseObject(content)?.CancelMessageId;
    const commandId = typeof cancelled === 'string' ? /^aws\.ssm\.([^.]+)\./.exec(cancelled)?.[1] : undefined;
    if (commandId === undefined) return ackCodes.unreadable;
    // A command that is not here has ended or never came: there is nothing to cancel, and nobody waits.
    this.#running.get(commandId)?.abort();
    return ackCodes.taken;
  }
}

function parsePayload(content: string): CommandPayload | undefined {
  const payload = parseObject(content);
  return payload !== undefined && typeof payload.CommandId === 'string' && /^[A-Za-z0-9-]{1,100}$/.test(payload.CommandId) ? (payload as unknown as CommandPayload) : undefined;
}

function parseObject(content: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
