/** `flotilla exec`: runs a command on one node or many, shows its output as it comes, and ends with its exit code. */
import { Option, type Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { addCommandOptions, commandInput, type CommandOptions } from './exec/command-options.ts';
import { interruptHandler } from './exec/interrupt.ts';
import { exitCodeOf, exitCodes, outcomeTable } from './exec/outcome.ts';
import { Session } from './exec/session.ts';
import { resolveWords } from './exec/targets.ts';
import { openTerminal, type Terminal } from './exec/terminal.ts';
import { watch } from './exec/watch.ts';
import { Failed } from './failed.ts';

interface ExecOptions extends CommandOptions {
  readonly attach?: string;
  readonly detach?: true;
}

export const takesWords = true;

export function define(exec: Command, words: readonly string[]): void {
  addCommandOptions(
    exec.argument('[targets...]', 'ids, names of machines, tag:key=value, tag:key, group:name, or * for every node'),
  )
    .usage('[options] TARGETS... -- COMMAND')
    .option('--detach', 'print the command’s id and leave it running')
    .addOption(new Option('--attach <command-id>', 'follow a command that has been sent already'))
    .addHelpText('after', help)
    .action(async (targets: readonly string[], options: ExecOptions, command: Command) => {
      const client = new Client(findConnection(command.optsWithGlobals(), process.env));
      const commandId = options.attach ?? (await send(targets, options, words, client));
      if (options.detach === true) console.log(commandId);
      else process.exitCode = await follow(commandId, client);
    });
}

const help = `
One word behind -- is a line for the shell, several are words as they are:
  flotilla exec web1 -- 'df -h | sort'        flotilla exec web1 -- ls "a name with spaces"

Of one node the output and the exit code are those of the command. Of many each line says whose it is, a table on
standard error how each ended, and the exit code is 1 where one did not end well. 124: it took too long. 125: it did
not run, or has no exit code. 130: cancelled.`;

async function send(
  targets: readonly string[],
  options: ExecOptions,
  words: readonly string[],
  client: Client,
): Promise<string> {
  if (targets.length === 0)
    throw new Failed('where? Name nodes by id or name, tag:key=value, group:name, or * for every node');
  const input = commandInput(options, words);
  const { Command } = await client.ssm<{ readonly Command: { readonly CommandId: string } }>('SendCommand', {
    ...input,
    ...(await resolveWords(targets, client)),
  });
  return Command.CommandId;
}

/** @returns the exit code */
async function follow(commandId: string, client: Client): Promise<number> {
  const terminal = openTerminal(process.stdout, process.stderr);
  const session = new Session(client, terminal);
  const left = new AbortController();
  const stop = onInterrupts(commandId, client, terminal, left);
  const began = performance.now();
  const ticker = terminal.interactive
    ? setInterval(() => terminal.progress(session.progressText((performance.now() - began) / 1000)), 200)
    : undefined;
  try {
    for await (const watched of watch(
      commandId,
      client,
      () => terminal.progress('Flotilla does not answer; asking again'),
      left.signal,
    ))
      await session.take(watched);
    await session.finish();
  } catch (error) {
    terminal.progress('');
    terminal.error(`flotilla: ${commandId} is left to itself; flotilla exec --attach ${commandId} follows it\n`);
    throw error;
  } finally {
    clearInterval(ticker);
    terminal.progress('');
    stop();
  }
  return conclude(session, terminal);
}

function conclude(session: Session, terminal: Terminal): number {
  const { command, invocations } = session;
  const [only] = invocations;
  if (session.alone && only !== undefined) {
    if (only.Status !== 'Success' && only.StatusDetails !== 'Failed')
      terminal.error(`flotilla: ${only.StatusDetails}\n`);
    if (only.Steps.length === 0 && only.Trace !== '') terminal.error(`${only.Trace}\n`);
    return exitCodeOf(only);
  }
  if (command === undefined || invocations.length === 0) {
    terminal.error('flotilla: no node is meant\n');
    return exitCodes.notRun;
  }
  terminal.error(`${outcomeTable(invocations, session.nameOf)}\n`);
  return invocations.every(({ Status }) => Status === 'Success') ? 0 : 1;
}

/** @returns a function that removes the handlers */
function onInterrupts(commandId: string, client: Client, terminal: Terminal, left: AbortController): () => void {
  const handle = interruptHandler({
    interactive: terminal.interactive,
    say: (text) => terminal.error(text),
    cancel: () =>
      void client
        .ssm('CancelCommand', { CommandId: commandId })
        .catch((error: unknown) =>
          terminal.error(
            `flotilla: it could not be cancelled: ${error instanceof Error ? error.message : String(error)}\n`,
          ),
        ),
    leave: () => {
      left.abort();
      terminal.progress('');
      terminal.error(`flotilla: ${commandId} is left to itself; flotilla exec --attach ${commandId} follows it\n`);
      process.exit(exitCodes.cancelled);
    },
  });
  const signal = (): void => handle(performance.now());
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, signal);
  return () => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, signal);
  };
}
