/** Pages of a list of objects: keys in byte order, and groups of keys below a delimiter. */
import type { ListFiles } from '../../core/files.ts';
import { successor } from '../sqlite/query.ts';

/** Where a list begins. */
export interface Start {
  readonly key: string;
  /** Whether the key itself is included. */
  readonly inclusive: boolean;
}

export interface Page<Row> {
  readonly files: Row[];
  readonly prefixes: string[];
  readonly next?: string;
}

/** The most entries of a page. */
export const mostListed = 1000;

/**
 * One page. Only the first row of a group is read, however many rows it has.
 * @param rows from a start on, in the order of their keys; read only as far as the page needs
 */
export function pageOf<Row extends { readonly key: string }>(
  rows: (start: Start) => Iterable<Row>,
  { prefix = '', delimiter = '', startAfter = '', limit = mostListed }: ListFiles,
): Page<Row> {
  const most = Math.min(limit, mostListed);
  const files: Row[] = [];
  const prefixes: string[] = [];
  const groupOf = (key: string): string | undefined => {
    const at = delimiter === '' || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : key.slice(0, at + delimiter.length);
  };
  let last = startAfter;
  // After a page that ended with a group, the list continues behind that group.
  let start =
    groupOf(startAfter) === startAfter ? behind(startAfter) : later({ key: prefix, inclusive: true }, startAfter);
  while (start !== undefined) {
    let group: string | undefined;
    for (const row of rows(start)) {
      if (files.length + prefixes.length >= most) return { files, prefixes, next: last };
      group = groupOf(row.key);
      last = group ?? row.key;
      if (group !== undefined) break;
      files.push(row);
    }
    if (group === undefined) break;
    prefixes.push(group);
    start = behind(group);
  }
  return { files, prefixes };
}

/** No key sorts behind a group of the highest character. */
function behind(group: string): Start | undefined {
  const key = successor(group);
  return key === undefined ? undefined : { key, inclusive: true };
}

/** The later of a start and what follows a key: an index search uses one bound only. */
export function later(start: Start, after: string): Start {
  return Buffer.compare(Buffer.from(after), Buffer.from(start.key)) < 0 ? start : { key: after, inclusive: false };
}
