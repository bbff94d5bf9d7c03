/** `flotilla params import-from-aws`: AWS's Parameter Store, or what speaks as it, is read into Flotilla's. */
import type { Command } from 'commander';
import { Client } from '../client.ts';
import { findConnection, type Connection } from '../connection.ts';
import { Failed } from '../failed.ts';
import { readStore, readStoreAsAllowed } from './store.ts';
import { normalPath } from './tree.ts';
import { write } from './write-command.ts';

interface Options {
  readonly to?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly awsEndpoint?: string;
  readonly keyId?: string;
  readonly overwrite?: true;
  readonly dryRun?: true;
  readonly decrypt?: true;
}

export function define(params: Command): void {
  params
    .command('import-from-aws')
    .description('reads all below a path of AWS’s Parameter Store, secrets decrypted, into this one')
    .argument('<path>')
    .option('--to <path>', 'another path here')
    .option('--profile <name>', 'of AWS’s configuration files')
    .option('--region <region>', 'of AWS; else as AWS’s own tools find it')
    .option('--aws-endpoint <url>', 'in place of AWS’s')
    .option('--key-id <key>', 'Flotilla’s key for the secrets; else its default: AWS’s keys are not here')
    .option('--overwrite', 'change what is there and differs')
    .option('--dry-run', 'only show what would be written')
    .option('--decrypt', 'show secrets')
    .addHelpText('after', '\nHere AWS_* variables are AWS’s alone; Flotilla is found by --endpoint, FLOTILLA_* and the data folder.')
    .action(async (path: string, options: Options, command: Command) => {
      const here = findConnection(command.optsWithGlobals(), Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))));
      const aws = await connectionToAws(options, process.env);
      if (new URL(aws.endpoint).origin === new URL(here.endpoint).origin) throw new Failed(`both ends are ${here.endpoint}: AWS’s is set by --aws-endpoint or AWS_ENDPOINT_URL_SSM`, 2);
      const client = new Client(here);
      const to = normalPath(options.to ?? path);
      // A key of AWS's encrypts nothing here.
      const source = new Map(Array.from(await readStore(new Client(aws), normalPath(path), { decrypt: true }), ([name, entry]) => [name, { ...entry, KeyId: undefined }]));
      if (source.size === 0) throw new Failed(`there is nothing below ${path} in ${aws.region}`);
      const target = new Map([...(await readStoreAsAllowed(client, to))].filter(([name]) => source.has(name)));
      await write({
        client,
        path: to,
        source,
        target,
        overwrite: options.overwrite === true,
        remove: false,
        keyId: options.keyId,
        preview: options.dryRun === true ? 'without --dry-run they are written' : undefined,
        decrypt: options.decrypt === true,
      });
    });
}

/**
 * As AWS's own tools find credentials and Region: variables, profiles, SSO, processes, the machine's role. The chain is
 * that of the SDK's client that is here already; the calls are signed by ours.
 */
async function connectionToAws({ profile, region, awsEndpoint }: Options, environment: NodeJS.ProcessEnv): Promise<Connection> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const { config } = new STSClient({ ...(profile === undefined ? {} : { profile }), ...(region === undefined ? {} : { region }) });
  try {
    const [credentials, found] = await Promise.all([config.credentials(), config.region()]);
    const domain = found.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const endpoint = awsEndpoint ?? environment['AWS_ENDPOINT_URL_SSM'] ?? environment['AWS_ENDPOINT_URL'] ?? `https://ssm.${found}.${domain}`;
    return { endpoint, region: found, accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey, sessionToken: credentials.sessionToken, caFile: environment['AWS_CA_BUNDLE'] };
  } catch (error) {
    throw new Failed(`no way to AWS: ${error instanceof Error ? error.message : String(error)}`, 2, { cause: error });
  }
}
