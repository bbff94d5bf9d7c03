/**
 * A backup: the data folder as a tar, taken while Flotilla runs. State and files' index are copied first, each as
 * it is at one moment, the index after the state: what the state names is in it, unless somebody has deleted it
 * meanwhile. Contents never change, and those of the index stay until they are read.
 */
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { DiskFiles } from '../disk-files.ts';
import type { SqliteState } from '../sqlite-state.ts';
import { tar, type TarEntry } from './tar.ts';

export interface BackupParts {
  /** The data folder. */
  readonly data: string;
  readonly state: SqliteState;
  readonly files: DiskFiles;
}

/** Where copies lie until they have been read; what a killed process left goes at the next start. */
const temporary = 'backup-';

/** Removes what a backup left that was cut off by the end of its process. */
export function removeUnfinishedBackups(data: string): void {
  for (const name of readdirSync(data))
    if (name.startsWith(temporary)) rmSync(path.join(data, name), { recursive: true, force: true });
}

/**
 * Copies state and index, and only then begins to be a stream: what goes wrong with the copies is an error still.
 * @returns the archive; it must be read or destroyed
 * @throws StateUnavailable
 */
export async function openBackup({ data, state, files }: BackupParts): Promise<Readable> {
  const folder = mkdtempSync(path.join(data, temporary));
  const copy = (name: string): string => path.join(folder, name);
  const release = files.holdContents();
  const end = (): void => {
    release();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await state.backup(copy('state.db'));
    await files.backup(copy('objects.db'));
  } catch (error) {
    end();
    throw error;
  }
  const archive = Readable.from(tar(entries(data, copy, files)), { objectMode: false, highWaterMark: 256 * 1024 });
  archive.once('close', end);
  return archive;
}

/**
 * Small files first: whoever looks into a large archive sees at once whose it is. The agent's folder is left out: an
 * identity belongs to its machine.
 */
async function* entries(data: string, copy: (name: string) => string, files: DiskFiles): AsyncGenerator<TarEntry> {
  const tls = existsSync(path.join(data, 'tls'))
    ? readdirSync(path.join(data, 'tls')).filter((name) => name.endsWith('.pem'))
    : [];
  for (const name of ['identity.json', 'connection.json', 'key', ...tls.map((one) => `tls/${one}`)]) {
    const content = readFileSync(path.join(data, name));
    yield { name, size: content.length, modified: statSync(path.join(data, name)).mtimeMs, content: [content] };
  }
  yield fileEntry('state.db', copy('state.db'));
  yield fileEntry('files/objects.db', copy('objects.db'));
  for (const file of files.contentsOf(copy('objects.db')))
    yield fileEntry(`files/contents/${path.basename(file)}`, file);
}

function fileEntry(name: string, file: string): TarEntry {
  const { size, mtimeMs: modified } = statSync(file);
  return {
    name,
    size,
    modified,
    content: createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>,
  };
}
