/** The path of a downloaded file. */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** A destination that is a folder, or ends with a slash, gets the file with its own name. */
export function fileAt(destination: string, name: string): string {
  const isFolder =
    destination.endsWith(path.sep) || (statSync(destination, { throwIfNoEntry: false })?.isDirectory() ?? false);
  const file = isFolder ? path.join(destination, name) : destination;
  mkdirSync(path.dirname(file), { recursive: true });
  return file;
}
