/** The `flotilla` command: a client of the API for what AWS's own tools cannot do. */
import { Command, CommanderError } from 'commander';
import { NoConnection } from './client.ts';
import { ServiceError } from '../core/http-client.ts';
import { Failed } from './failed.ts';

/** A module of cli/ with its subcommands; it is loaded only when it is called. */
export interface CommandModule {
  /** Words after `--` are not parsed as options. */
  readonly takesWords?: boolean;
  /** @param words those after `--` */
  readonly define: (command: Command, words: readonly string[]) => void;
}

const commands: readonly {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}[] = [
  { name: 'exec', summary: 'run a command on nodes, and see its output as it comes', load: () => import('./exec.ts') },
  { name: 'preview', summary: 'what exec would do, in words', load: () => import('./preview.ts') },
  { name: 'output', summary: 'what a command put out on a node, all of it', load: () => import('./output.ts') },
  { name: 'keys', summary: 'access keys of people: list, create, delete', load: () => import('./keys.ts') },
  { name: 'events', summary: 'events of others, such as an alarm’s: post', load: () => import('./events.ts') },
  {
    name: 'topics',
    summary: 'whom notifications reach: create, list, subscribe, unsubscribe, delete',
    load: () => import('./topics.ts'),
  },
  {
    name: 'params',
    summary:
      'trees of parameters: export, import, diff, promote, import-from-aws; public ones, grants; serve them to functions and containers',
    load: () => import('./params.ts'),
  },
  {
    name: 'backup',
    summary: 'all that a local Flotilla keeps, as one archive, while it runs',
    load: () => import('./backup.ts'),
  },
  {
    name: 'dead-letters',
    summary: 'events and timers that failed for good: list, replay, delete',
    load: () => import('./dead-letters.ts'),
  },
];

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('flotilla')
    .description('Systems Manager that you own: what AWS’s command line does not know of it.')
    .option('--endpoint <url>', 'where Flotilla answers (FLOTILLA_ENDPOINT, AWS_ENDPOINT_URL_SSM, AWS_ENDPOINT_URL)')
    .option(
      '--data <folder>',
      'the data folder of a local Flotilla, whose connection is used when no keys are set',
      '.flotilla',
    )
    .showHelpAfterError();
  const wanted = argv.find((argument) => commands.some(({ name }) => name === argument));
  const dashes = argv.indexOf('--');
  let read = argv;
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(summary);
    if (name !== wanted) continue;
    const module = await load();
    if (module.takesWords === true && dashes >= 0) read = argv.slice(0, dashes);
    module.define(command, dashes < 0 ? [] : argv.slice(dashes + 1));
  }
  await program.parseAsync(read, { from: 'user' });
}

/** The exit code of a program that SIGPIPE ended. */
const readerGone = 141;
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has ended: `flotilla output … | head`.
    if (error.code === 'EPIPE') process.exit(readerGone);
    throw error;
  });

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else if (error instanceof Failed) {
    console.error(`flotilla: ${error.message}`);
    process.exitCode = error.exitCode;
  } else if (error instanceof ServiceError || error instanceof NoConnection) {
    console.error(`flotilla: ${error.message}`);
    process.exitCode = error instanceof ServiceError ? 254 : 253;
  } else throw error;
}
