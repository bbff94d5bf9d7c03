/** What the agent stores: its identity, the commands it has accepted, the replies that are not acknowledged. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';

/** `/var/lib/flotilla-agent` for root, otherwise below the user's own state folder. */
export function defaultStateFolder(): string {
  if (process.getuid?.() === 0) return '/var/lib/flotilla-agent';
  return path.join(process.env.XDG_STATE_HOME ?? path.join(homedir(), '.local', 'state'), 'flotilla-agent');
}

/**
 * Makes the folder if it does not exist, readable only by its owner: it holds the outputs of scripts and the node's
 * key.
 */
export function prepareStateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

const whole = '.json';
/** The extension of an unreadable file, which is kept so that people can look at it. */
const broken = '.broken';

/** JSON files in one folder, each complete or absent (0600). */
export class JsonFolder<T extends object> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Undefined where the file does not exist or is unreadable; an unreadable one is renamed. */
  read(name: string): T | undefined {
    const file = this.#file(name);
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8');
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return value as T;
    } catch {
      // Handled below.
    }
    renameSync(file, this.#file(name, broken));
    return undefined;
  }

  /** Whether the file exists, or existed before it became unreadable. */
  has(name: string): boolean {
    return existsSync(this.#file(name)) || existsSync(this.#file(name, broken));
  }

  /** Durable when it returns. */
  write(name: string, value: T): void {
    replaceFile(this.#file(name), JSON.stringify(value), 0o600);
  }

  remove(name: string): void {
    rmSync(this.#file(name), { force: true });
  }

  names(): string[] {
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(whole))
      .map((file) => file.slice(0, -whole.length));
  }

  #file(name: string, ending = whole): string {
    // Names are ids from the network: none may lead out of the folder.
    if (!/^[A-Za-z0-9._-]{1,200}$/.test(name) || name.startsWith('.')) throw new Error(`${name} cannot name a file`);
    return path.join(this.#folder, name + ending);
  }
}
