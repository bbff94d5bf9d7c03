/**
 * `flotilla params import-from-aws`: copies parameters from AWS's Parameter Store, or a service with its API, to
 * Flotilla.
 */
import type { Command } from 'commander';
import { Client } from '../client.ts';
import { findConnection } from '../connection.ts';
import { Failed } from '../failed.ts';
import { checkApart, connectionToAws, withoutAws, type AwsOptions } from './aws-connection.ts';
import { readStore, readStoreAsAllowed } from './store.ts';
import { normalPath } from './tree.ts';
import { write } from './write-command.ts';

interface Options extends AwsOptions {
  readonly to?: string;
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
    .addHelpText(
      'after',
      '\nHere AWS_* variables are AWS’s alone; Flotilla is found by --endpoint, FLOTILLA_* and the data folder.',
    )
    .action(async (path: string, options: Options, command: Command) => {
      const here = findConnection(command.optsWithGlobals(), withoutAws(process.env));
      const aws = await connectionToAws(options, process.env);
      checkApart(aws, here);
      const client = new Client(here);
      const to = normalPath(options.to ?? path);
      // AWS's keys cannot be used here.
      const source = new Map(
        Array.from(await readStore(new Client(aws), normalPath(path), { decrypt: true }), ([name, entry]) => [
          name,
          { ...entry, KeyId: undefined },
        ]),
      );
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
