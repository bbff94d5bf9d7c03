/** What the agent keeps: who it is, the commands it has taken, the replies nobody has acknowledged yet. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';

/** `/var/lib/flotilla-agent` as root, otherwise below the user's own state folder. */
export function defaultStateFolder(): string {
  if (process.getuid?.() === 0) return '/var/lib/flotilla-agent';
  return path.join(process.env.XDG_STATE_HOME ?? path.join(homedir(), '.local', 'state'), 'flotilla-agent');
}

/** JSON files in one folder, each whole or absent whatever happens (0600). */
export class JsonFolder<T extends object> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  read(name: string): T | undefined {
    const file = this.#file(name);
    if (!existsSync(file)) return undefined;
    return JSON.parse(readFileSync(file, 'utf8')) as T;
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
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length));
  }

  #file(name: string): string {
    // Names are ids that came over the wire: none may leave the folder.
    if (!/^[A-Za-z0-9._-]{1,200}$/.test(name) || name.startsWith('.')) throw new Error(`${name} cannot name a file`);
    return path.join(this.#folder, `${name}.json`);
  }
}
