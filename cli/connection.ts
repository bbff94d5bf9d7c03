/** How the command line finds Flotilla and the access key. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NoConnection } from './client.ts';

export interface Connection {
  readonly endpoint: string;
  /** The nodes' door; known of a local Flotilla. */
  readonly nodeEndpoint?: string | undefined;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
  /** PEM file of the CA behind an https endpoint that is Flotilla's own. */
  readonly caFile?: string | undefined;
}

interface Options {
  readonly endpoint?: string | undefined;
  readonly data: string;
}

/**
 * FLOTILLA_* goes before AWS_*, and both before what `npm start` left in the data folder.
 * @throws NoConnection naming what is absent
 */
export function findConnection(options: Options, environment: NodeJS.ProcessEnv): Connection {
  const local = readConnection(path.join(options.data, 'connection.json'));
  const endpoint =
    options.endpoint ??
    environment['FLOTILLA_ENDPOINT'] ??
    environment['AWS_ENDPOINT_URL_SSM'] ??
    environment['AWS_ENDPOINT_URL'] ??
    local?.endpoint;
  const keys = keysOf('FLOTILLA', environment) ?? keysOf('AWS', environment) ?? local;
  if (endpoint === undefined)
    throw new NoConnection(
      `where is Flotilla? Set --endpoint or FLOTILLA_ENDPOINT, or start it here: no connection.json in ${options.data}`,
    );
  if (keys === undefined)
    throw new NoConnection(
      'no access key was found. Set FLOTILLA_ACCESS_KEY_ID and FLOTILLA_SECRET_ACCESS_KEY (or AWS_…)',
    );
  const region =
    environment['FLOTILLA_REGION'] ??
    environment['AWS_REGION'] ??
    environment['AWS_DEFAULT_REGION'] ??
    local?.region ??
    'us-east-1';
  // A local Flotilla's certificate is its own CA's, whatever bundle the machine has for the rest of the world.
  const caFile =
    environment['FLOTILLA_CA_BUNDLE'] ?? (endpoint === local?.endpoint ? local.caFile : environment['AWS_CA_BUNDLE']);
  return {
    endpoint,
    nodeEndpoint: local?.nodeEndpoint,
    region,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    sessionToken: keys.sessionToken,
    caFile,
  };
}

/** One key's three parts, never one of another's: AWS_SESSION_TOKEN may be set for somebody else. */
function keysOf(
  family: 'FLOTILLA' | 'AWS',
  environment: NodeJS.ProcessEnv,
): Pick<Connection, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'> | undefined {
  const accessKeyId = environment[`${family}_ACCESS_KEY_ID`];
  const secretAccessKey = environment[`${family}_SECRET_ACCESS_KEY`];
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, sessionToken: environment[`${family}_SESSION_TOKEN`] };
}

function readConnection(file: string): Connection | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Connection;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new NoConnection(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
