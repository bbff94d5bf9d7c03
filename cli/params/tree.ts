/** Parameters below a path, by the rest of their names: what is exported, imported, compared and promoted. */
import { Failed } from '../failed.ts';

export const parameterTypes = ['String', 'StringList', 'SecureString'] as const;
export type ParameterType = (typeof parameterTypes)[number];

/**
 * A parameter without its name. The members are PutParameter's. One that is absent is not known: a secret that was
 * not decrypted has no Value, a file that was written by hand says no more than it needs.
 */
export interface Entry {
  readonly Type?: ParameterType | undefined;
  readonly Value?: string | undefined;
  readonly Description?: string | undefined;
  readonly DataType?: string | undefined;
  readonly AllowedPattern?: string | undefined;
  readonly KeyId?: string | undefined;
  readonly Tier?: string | undefined;
  /** A JSON array, as PutParameter takes it. */
  readonly Policies?: string | undefined;
}

/** `db/host` for `/app/db/host` below `/app`. In the order of names. */
export type Tree = ReadonlyMap<string, Entry>;

/** As DescribeParameters and AWS's listings order them: by code unit, whatever the language of the terminal. */
export function sorted(entries: Iterable<readonly [string, Entry]>): Tree {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/**
 * @param path `/app`, `/app/` or `/`
 * @returns without its last slash: `/app`; empty for the root
 * @throws Failed of what is no path
 */
export function normalPath(path: string): string {
  if (!path.startsWith('/') || path.includes('//'))
    throw new Failed(`${path} is no path of parameters: it begins with one slash, such as /app/prod`, 2);
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** @param path normal */
export const fullName = (path: string, name: string): string => `${path}/${name}`;

/** @param path normal. A root parameter may be called without its slash. */
export const nameBelow = (path: string, full: string): string =>
  full.startsWith(`${path}/`) ? full.slice(path.length + 1) : full;

/** @throws Failed of a name that could not stand below a path */
export function checkName(name: string): string {
  if (name === '' || name.startsWith('/') || name.endsWith('/') || name.includes('//')) {
    throw new Failed(`"${name}" is no name below a path: write db/host for what becomes PATH/db/host`, 2);
  }
  return name;
}

export const isSecret = (entry: Entry | undefined): boolean => entry?.Type === 'SecureString';
