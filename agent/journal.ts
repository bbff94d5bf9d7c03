/**
 * The commands that this agent has accepted. Each is on the disk before it is acknowledged, so that no command runs
 * twice, and commands that a crash interrupts are reported.
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
   * `taken`: it waits or runs. `rebooting`: it continues at the next start. `done`: its end is reported, or waits to be
   * reported.
   */
  readonly phase: 'taken' | 'rebooting' | 'done';
  readonly doneAt?: number | undefined;
  /** The job's payload: needed after a reboot, and removed when the command is done. */
  readonly payload?: string | undefined;
  readonly results?: readonly StepResult[] | undefined;
  /** The boot during which it was accepted. */
  readonly bootId: string;
  /** The script that runs for it now, or ran last. */
  readonly group?: ProcessGroup | undefined;
}

/** Milliseconds for which a command is recognized when it comes again. AWS's agent remembers half an hour. */
const remembered = 24 * 3600_000;

export class Journal {
  readonly #folder: JsonFolder<JournalEntry>;

  constructor(folder: string) {
    this.#folder = new JsonFolder(folder);
  }

  /**
   * Adds an entry; it is durable when this returns true.
   * @returns false when the command was accepted before, even if its entry has become unreadable
   * @throws the disk's error: then the command is not accepted
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

  /** The commands that had not ended when the agent last ended. */
  unfinished(): JournalEntry[] {
    return this.#entries().filter((entry) => entry.phase !== 'done');
  }

  /** Deletes entries that were done long ago. */
  prune(): void {
    for (const entry of this.#entries())
      if (entry.phase === 'done' && Date.now() - (entry.doneAt ?? 0) > remembered) this.#folder.remove(entry.commandId);
  }

  #entries(): JournalEntry[] {
    return this.#folder.names().flatMap((name) => this.#folder.read(name) ?? []);
  }
}

/** Differs after every boot; empty where the system does not have it. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
