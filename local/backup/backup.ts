/**
 * A backup: the data folder as a tar, made while Flotilla runs. The state and the index of files are copied first, each
 * as it is at one moment. The index is copied after the state, so it has every file that the state names, unless
 * somebody deleted it meanwhile. Contents never change, and those in the index are kept until they are read.
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

/** Prefix of the folders with copies. The next start removes what a killed process left. */
const temporary = 'backup-';

/** Removes the copies of backups that did not finish because the process ended. */
export function removeUnfinishedBackups(data: string): void {
  for (const name of readdirSync(data))
    if (name.startsWith(temporary)) rmSync(path.join(data, name), { recursive: true, force: true });
}

/**
 * Copies state and index before the stream begins, so that a failed copy can still be answered with an error.
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
 * Small files come first, so that the reader of a large archive soon sees which Flotilla it is from. The agent's folder
 * is left out: a node's identity belongs to its machine.
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
