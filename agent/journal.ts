/**
 * Which commands this agent has taken: on the disk before it says so, so that a command never runs twice and
 * what a crash cut off is told of.
 */
import { readFileSync } from 'node:fs';
import type { ProcessGroup } from './process-group.ts';
import type { StepResult } from './result.ts';
import { JsonFolder } from './state-folder.ts';

export interface JournalEntry {
  readonly commandId: string;
  /** `aws.ssm.<command>.<node>` */
  readonly jobId: string;
  /** Epoch milliseconds. */
  readonly takenAt: number;
  /**
   * `taken`: it waits or runs. `rebooting`: it goes on at the next start. `done`: its end is reported or waits to be.
   */
  readonly phase: 'taken' | 'rebooting' | 'done';
  readonly doneAt?: number | undefined;
  /** The job's payload: needed again after a reboot, and gone when it is done. */
  readonly payload?: string | undefined;
  readonly results?: readonly StepResult[] | undefined;
  /** Which boot it was taken in. */
  readonly bootId: string;
  /** The script that runs for it now, or ran last. */
  readonly group?: ProcessGroup | undefined;
}

/** For so long a command that comes again is known: AWS's agent remembers for half an hour. */
const remembered = 24 * 3600_000;

export class Journal {
  readonly #folder: JsonFolder<JournalEntry>;

  constructor(folder: string) {
    this.#folder = new JsonFolder(folder);
  }

  /**
   * @returns false when the command had been taken before, even if its entry has become unreadable since; durable when
   * it
   *   returns true
   * @throws what the disk throws: then the command is not taken
   */
  take(entry: Pick<JournalEntry, 'commandId' | 'jobId' | 'payload'>): boolean {
    if (this.#folder.has(entry.commandId)) return false;
    this.#folder.write(entry.commandId, { ...entry, takenAt: Date.now(), phase: 'taken', bootId: bootId() });
    return true;
  }

  update(commandId: string, change: Partial<Pick<JournalEntry, 'phase' | 'results' | 'group'>>): void {
    const entry = this.#folder.read(commandId);
    if (entry === undefined) return;
    const done = change.phase === 'done';
    this.#folder.write(commandId, {
      ...entry,
      ...change,
      ...(done ? { doneAt: Date.now(), payload: undefined, results: undefined, group: undefined } : {}),
    });
  }

  /** What was under way when the agent last ended. */
  unfinished(): JournalEntry[] {
    return this.#entries().filter((entry) => entry.phase !== 'done');
  }

  /** Forgets what has long been done. */
  prune(): void {
    for (const entry of this.#entries())
      if (entry.phase === 'done' && Date.now() - (entry.doneAt ?? 0) > remembered) this.#folder.remove(entry.commandId);
  }

  #entries(): JournalEntry[] {
    return this.#folder.names().flatMap((name) => this.#folder.read(name) ?? []);
  }
}

/** Differs after every boot; empty where the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
