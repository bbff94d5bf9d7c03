/** AWS:File: files that match the association's filters. */
import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isObject } from '../../core/documents/document.ts';
import { matchesWildcard, readWildcard } from '../../core/patterns/index.ts';
import { loginEnvironment } from '../login-environment.ts';
import type { InventoryItem } from './item.ts';

interface Filter {
  readonly path: string;
  readonly patterns: readonly string[];
  readonly recursive: boolean;
  /** The most folders to read. */
  readonly scanLimit: number;
}

const limits = { files: 500, folders: 5_000 };

/** @param text `[{"Path":"/etc","Pattern":["*.conf"],"Recursive":true,"DirScanLimit":100}]` */
export async function files(text: string): Promise<InventoryItem> {
  const found = new Map<string, Record<string, string>>();
  for (const filter of parseFilters(text)) {
    for await (const file of walk(filter)) {
      if (found.size >= limits.files) throw new Error(`the file filters find more than ${limits.files} files`);
      // The file may be deleted by now.
      const described = await describe(file).catch(() => undefined);
      if (described !== undefined) found.set(file, described);
    }
  }
  return { TypeName: 'AWS:File', SchemaVersion: '1.0', Content: [...found.values()] };
}

/** @throws Error for text that is not a list of filters */
export function parseFilters(text: string): Filter[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error('the file filters are not a list');
  return value.map((filter: unknown) => {
    if (!isObject(filter) || typeof filter.Path !== 'string' || !Array.isArray(filter.Pattern))
      throw new Error('a file filter has no Path or no Pattern');
    return {
      path: withEnvironment(filter.Path),
      patterns: filter.Pattern.map(String),
      recursive: filter.Recursive === true,
      scanLimit: typeof filter.DirScanLimit === 'number' ? filter.DirScanLimit : limits.folders,
    };
  });
}

/** Uses the variables of a login, not those with which the agent was started: they may hold secrets. */
function withEnvironment(text: string): string {
  const variables: Readonly<Partial<Record<string, string>>> = loginEnvironment();
  return text.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (_, name: string) => variables[name] ?? '');
}

async function* walk(filter: Filter): AsyncGenerator<string> {
  const matchers = filter.patterns.map(fileMatcher);
  const waiting = [filter.path];
  for (let scanned = 0; waiting.length > 0 && scanned < filter.scanLimit; scanned++) {
    const folder = waiting.shift()!;
    let entries;
    try {
      entries = await opendir(folder);
    } catch {
      continue; // Not there, or not for this user.
    }
    for await (const entry of entries) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory() && filter.recursive) waiting.push(file);
      else if (entry.isFile() && matchers.some((matches) => matches(entry.name))) yield file;
    }
  }
}

/** Whether a file's name matches: `*` is any text, `?` any character. */
export function fileMatcher(pattern: string): (name: string) => boolean {
  const wildcard = readWildcard(pattern, { question: true });
  return (name) => matchesWildcard(wildcard, name);
}

async function describe(file: string): Promise<Record<string, string>> {
  const { size, mtime, atime } = await stat(file);
  const time = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
  return {
    Name: path.basename(file),
    Size: String(size),
    Description: '',
    FileVersion: '',
    InstalledDate: '',
    ModificationTime: time(mtime),
    LastAccessTime: time(atime),
    ProductName: '',
    InstalledDir: path.dirname(file),
    ProductLanguage: '',
    CompanyName: '',
    ProductVersion: '',
  };
}
