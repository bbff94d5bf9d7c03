/**
 * The parameters below a path, keyed by the rest of their names. Trees are exported, imported, compared and promoted.
 */
import { Failed } from '../failed.ts';

export const parameterTypes = ['String', 'StringList', 'SecureString'] as const;
export type ParameterType = (typeof parameterTypes)[number];

/**
 * A parameter without its name, with PutParameter's members. An absent member is not known: a secret that was not
 * decrypted has no Value, and a file written by hand has only what it needs.
 */
export interface Entry {
  readonly Type?: ParameterType | undefined;
  readonly Value?: string | undefined;
  readonly Description?: string | undefined;
  readonly DataType?: string | undefined;
  readonly AllowedPattern?: string | undefined;
  readonly KeyId?: string | undefined;
  readonly Tier?: string | undefined;
  /** A JSON array, in PutParameter's form. */
  readonly Policies?: string | undefined;
}

/** `db/host` for `/app/db/host` below `/app`. Ordered by name. */
export type Tree = ReadonlyMap<string, Entry>;

/** Ordered by code unit, as DescribeParameters and AWS's listings are, whatever the terminal's language is. */
export function sorted(entries: Iterable<readonly [string, Entry]>): Tree {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/**
 * Normalizes a path.
 * @param path `/app`, `/app/` or `/`
 * @returns the path without a slash at its end: `/app`; empty for the root
 * @throws Failed for an invalid path
 */
export function normalPath(path: string): string {
  if (!path.startsWith('/') || path.includes('//'))
    throw new Failed(`${path} is no path of parameters: it begins with one slash, such as /app/prod`, 2);
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** @param path normalized */
export const fullName = (path: string, name: string): string => `${path}/${name}`;

/** @param path normalized. A parameter in the root may have a name without a slash. */
export const nameBelow = (path: string, full: string): string =>
  full.startsWith(`${path}/`) ? full.slice(path.length + 1) : full;

/** @throws Failed for a name that is not valid below a path */
export function checkName(name: string): string {
  if (name === '' || name.startsWith('/') || name.endsWith('/') || name.includes('//')) {
    throw new Failed(`"${name}" is no name below a path: write db/host for what becomes PATH/db/host`, 2);
  }
  return name;
}

export const isSecret = (entry: Entry | undefined): boolean => entry?.Type === 'SecureString';
