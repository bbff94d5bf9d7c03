/** `flotilla preview`: describes what `flotilla exec` would do. Nothing runs. */
import type { Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { addCommandOptions, commandInput, type CommandOptions } from './exec/command-options.ts';
import { resolveWords } from './exec/targets.ts';
import { Failed } from './failed.ts';
import { previewWords, type Preview } from './preview/words.ts';

export const takesWords = true;

export function define(preview: Command, words: readonly string[]): void {
  addCommandOptions(preview.argument('<targets...>', 'as for exec'))
    .usage('[options] TARGETS... -- COMMAND')
    .option('--json', 'as JSON')
    .action(
      async (
        targets: readonly string[],
        { json, ...options }: CommandOptions & { readonly json?: true },
        command: Command,
      ) => {
        const client = new Client(findConnection(command.optsWithGlobals(), process.env));
        if (targets.length === 0)
          throw new Failed('where? Name nodes by id or name, tag:key=value, group:name, or * for every node');
        const answer = await client.call<Preview>('POST', '/x/commands/preview', {
          ...commandInput(options, words),
          ...(await resolveWords(targets, client)),
        });
        process.stdout.write(json === true ? `${JSON.stringify(answer, null, 2)}\n` : previewWords(answer));
      },
    );
}
