/** `flotilla params serve`: the endpoint of AWS's Parameters and Secrets Lambda extension, with Flotilla behind it. */
import { InvalidArgumentError, type Command } from 'commander';
import { Client } from '../client.ts';
import { findConnection, type Connection } from '../connection.ts';
import { Failed } from '../failed.ts';
import { serveExtension, type ExtensionServer } from './extension-server.ts';
import { extensionSettings } from './extension-settings.ts';

interface Options {
  readonly port?: number;
  readonly ttl?: number;
  readonly token?: string;
}

export function define(params: Command): void {
  params
    .command('serve')
    .description('answers http://localhost:2773/systemsmanager/parameters/get as AWS’s Lambda extension does')
    .option('--port <port>', 'else PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, else 2773; 0 for any', wholeNumber(65_535))
    .option(
      '--ttl <seconds>',
      'how long an answer is kept; else SSM_PARAMETER_STORE_TTL, else 300',
      wholeNumber(2 ** 31),
    )
    .option('--token <token>', 'what X-Aws-Parameters-Secrets-Token must be; else AWS_SESSION_TOKEN')
    .action(async ({ port, ttl, token = process.env['AWS_SESSION_TOKEN'] }: Options, command: Command) => {
      if (token === undefined || token === '')
        throw new Failed('which token must callers show? Set AWS_SESSION_TOKEN or --token', 2);
      const { settings: set, warnings } = extensionSettings(process.env);
      for (const warning of warnings) console.error(`flotilla: ${warning}`);
      const settings = { ...set, port: port ?? set.port, ttlMs: ttl === undefined ? set.ttlMs : ttl * 1000 };
      const connection = withoutToken(findConnection(command.optsWithGlobals(), process.env), token);
      const client = new Client(connection, settings);
      const server = await serveExtension({ client, settings, token, log: (line) => console.error(line) }).catch(
        (error: unknown) => {
          throw new Failed(
            `port ${settings.port} cannot be listened on: ${error instanceof Error ? error.message : String(error)}`,
            1,
            { cause: error },
          );
        },
      );
      console.log(`http://localhost:${server.port}/systemsmanager/parameters/get`);
      await stopped(server);
    });
}

/**
 * As in a Lambda function, AWS_SESSION_TOKEN is what callers must send, so it is never used to sign our own requests.
 * @throws Failed where the key is temporary and needs this token
 */
function withoutToken(connection: Connection, token: string): Connection {
  if (connection.sessionToken !== token) return connection;
  if (connection.accessKeyId.startsWith('ASIA'))
    throw new Failed(
      `callers would have to show the session token of the key ${connection.accessKeyId}: choose another with --token`,
      2,
    );
  return { ...connection, sessionToken: undefined };
}

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) > most) throw new InvalidArgumentError(`a whole number up to ${most}.`);
    return Number(text);
  };
}

/** Requests that are running are answered first. */
function stopped(server: ExtensionServer): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => void server.close().then(resolve, reject));
  });
}
