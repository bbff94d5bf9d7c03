/** What the agent keeps: who it is, the commands it has taken, the replies nobody has acknowledged yet. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';

/** `/var/lib/flotilla-agent` as root, otherwise below the user's own state folder. */
export function defaultStateFolder(): string {
  if (process.getuid?.() === 0) return '/var/lib/flotilla-agent';
  return path.join(process.env.XDG_STATE_HOME ?? path.join(homedir(), '.local', 'state'), 'flotilla-agent');
}

/** Makes the folder if it is not there, and nobody else's to read: scripts' outputs and the node's key lie in it. */
export function prepareStateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
}

const whole = '.json';
/** A file that could not be read any more, kept to be looked at. */
const broken = '.broken';

/** JSON files in one folder, each whole or absent whatever happens (0600). */
export class JsonFolder<T extends object> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Undefined where there is none, or it cannot be read any more: that one is set aside. */
  read(name: string): T | undefined {
    const file = this.#file(name);
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8');
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null) return value as T;
    } catch {
      // As below.
    }
    renameSync(file, this.#file(name, broken));
    return undefined;
  }

  /** Whether there is such a file, or was one before it broke. */
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
    // Names are ids that came over the wire: none may leave the folder.
    if (!/^[A-Za-z0-9._-]{1,200}$/.test(name) || name.startsWith('.')) throw new Error(`${name} cannot name a file`);
    return path.join(this.#folder, name + ending);
  }
}
