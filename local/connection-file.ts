/** How to reach this Flotilla, and with which key: `connection.json` in the data folder, and --ready-file. */
import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';
import { readJsonFile } from './folder-trouble.ts';

export interface Connection {
  /** The API: `http://127.0.0.1:8555`. */
  readonly endpoint: string;
  /** The URL for nodes: the same port over TLS. */
  readonly nodeEndpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly accountId: string;
  /** The file of the CA that signed nodeEndpoint's certificate, PEM. */
  readonly caFile: string;
}

interface ListeningAt {
  readonly host: string;
  readonly port: number;
  readonly caFile: string;
  readonly account: string;
  readonly region: string;
}

/**
 * Writes the current addresses. The first key is made at the first start and kept (0600).
 * @param makeKey issues an admin's key
 * @returns the connection, and whether the key was made now: only then may its secret be shown
 */
export async function openConnectionFile(
  folder: string,
  place: ListeningAt,
  makeKey: () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }>,
): Promise<{ readonly connection: Connection; readonly isNewKey: boolean }> {
  const file = connectionFile(folder);
  const kept = readJsonFile<Connection>(file, 'Put a copy back, or remove it: a new key of an admin is made then.');
  const known = kept ?? (await makeKey());
  const connection: Connection = {
    ...endpointsOf(place),
    accessKeyId: known.accessKeyId,
    secretAccessKey: known.secretAccessKey,
    region: place.region,
    accountId: place.account,
    caFile: path.resolve(place.caFile),
  };
  // A file that is already right is not written: a full disk must not keep Flotilla from starting.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== textOf(connection)) writeConnection(file, connection);
  return { connection, isNewKey: kept === undefined };
}

/** The file's path in a data folder. */
export function connectionFile(folder: string): string {
  return path.join(folder, 'connection.json');
}

/** The addresses of a host and port. */
export function endpointsOf({
  host,
  port,
}: Pick<ListeningAt, 'host' | 'port'>): Pick<Connection, 'endpoint' | 'nodeEndpoint'> {
  // A wildcard address cannot be connected to.
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const authority = `${isIPv6(name) ? `[${name}]` : name}:${port}`;
  return { endpoint: `http://${authority}`, nodeEndpoint: `https://${authority}` };
}

/** Writes a connection for scripts. Only the owner may read the file, because it has the key. */
export function writeConnection(file: string, connection: Connection): void {
  replaceFile(file, textOf(connection), 0o600);
}

function textOf(connection: Connection): string {
  return `${JSON.stringify(connection, null, 2)}\n`;
}
