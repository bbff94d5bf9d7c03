/** Why a data folder cannot be used: errors of the file system and of SQLite in an operator's words. */
import { existsSync, readFileSync } from 'node:fs';
import { StartRefused } from './start-refused.ts';

/** The data folder, or a file in it, cannot be used. */
export class DataFolderError extends StartRefused {
  override readonly name = 'DataFolderError';
}

const fileSystem: Readonly<Record<string, string>> = {
  EACCES: 'this user may not read and write there',
  EPERM: 'this user may not read and write there',
  EROFS: 'it is on a file system that is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  // Node reports mkdir's EROFS, and a parent that does not exist, as ENOENT.
  ENOENT: 'it cannot be made there',
  ENOTDIR: 'it is not a folder',
  EEXIST: 'it is not a folder',
  EIO: 'the disk answers with errors',
};

/** By SQLite's result code. */
const sqlite: Readonly<Record<number, string>> = {
  8: 'this user may not write there, or its file system is read-only',
  10: 'the disk answers with errors, or is full',
  11: 'a database in it is damaged: put a backup back',
  13: 'the disk is full',
  14: 'a database in it cannot be opened: this user may not read and write there',
  26: 'a database in it is none of SQLite’s: put a backup back',
};

/** @returns an error with a message for the person at the terminal; the error itself when it is of another kind */
export function asFolderTrouble(error: unknown, folder: string): unknown {
  const reason = reasonOf(error, folder);
  return reason === undefined
    ? error
    : new DataFolderError(
        `The data folder ${folder} cannot be used: ${reason}. Mend that, or choose another folder with --data.`,
        { cause: error },
      );
}

/** The port may have wrapped the error, so causes are searched too. */
function reasonOf(error: unknown, folder: string): string | undefined {
  for (let at = error; at instanceof Error && !(at instanceof StartRefused); at = at.cause) {
    const { code, errcode, path } = at as { readonly code?: string; readonly errcode?: number; readonly path?: string };
    // SQLite's result codes carry details above the lowest byte.
    if (code === 'ERR_SQLITE_ERROR' && sqlite[(errcode ?? 0) % 256] !== undefined) return sqlite[(errcode ?? 0) % 256];
    if (code !== undefined && fileSystem[code] !== undefined && (path === undefined || path.startsWith(folder)))
      return fileSystem[code];
  }
  return undefined;
}

/**
 * Reads a small JSON file of the data folder; undefined where there is none.
 * @param remedy what the operator can do when it is not JSON
 * @throws DataFolderError
 */
export function readJsonFile<T>(file: string, remedy: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataFolderError(`${file} is damaged: it is not JSON. ${remedy}`, { cause: error });
  }
}
