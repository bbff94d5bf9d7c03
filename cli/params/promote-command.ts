/** `flotilla params promote`: copies one stage's parameters to another. */
import type { Command } from 'commander';
import { Client } from '../client.ts';
import { findConnection } from '../connection.ts';
import { Failed } from '../failed.ts';
import { readStore, readStoreAsAllowed } from './store.ts';
import { normalPath } from './tree.ts';
import { write } from './write-command.ts';

interface Options {
  readonly yes?: true;
  readonly delete?: true;
  readonly keyId?: string;
  readonly decrypt?: true;
}

export function define(params: Command): void {
  params
    .command('promote')
    .description('shows what would make one path as another; writes it with --yes')
    .argument('<from>')
    .argument('<to>')
    .option('--yes', 'write it')
    .option('--delete', 'delete what only TO has')
    .option('--key-id <key>', 'of secrets that are created in TO; else the key they have in FROM')
    .option('--decrypt', 'show secrets')
    .action(async (from: string, to: string, options: Options, command: Command) => {
      const [source, target] = [normalPath(from), normalPath(to)];
      if (`${source}/`.startsWith(`${target}/`) || `${target}/`.startsWith(`${source}/`))
        throw new Failed(`${from} and ${to} lie within each other`, 2);
      const client = new Client(findConnection(command.optsWithGlobals(), process.env));
      const trees = await Promise.all([
        readStore(client, source, { decrypt: true }),
        readStoreAsAllowed(client, target),
      ]);
      // With --delete, a mistyped path would delete everything in the other stage.
      if (trees[0].size === 0) throw new Failed(`there is nothing below ${from}`);
      await write({
        client,
        path: target,
        source: trees[0],
        target: trees[1],
        overwrite: true,
        remove: options.delete === true,
        keyId: options.keyId,
        preview: options.yes === true ? undefined : '--yes makes them',
        decrypt: options.decrypt === true,
      });
    });
}
