/** The options that describe what to run, for `flotilla exec` and `flotilla preview`. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Failed } from '../failed.ts';

export interface CommandOptions {
  readonly shell: string;
  readonly file?: string;
  readonly document?: string;
  readonly documentVersion?: string;
  readonly parameter: readonly string[];
  readonly directory?: string;
  readonly timeout?: string;
  readonly deliverWithin?: string;
  readonly concurrency?: string;
  readonly maxErrors?: string;
  readonly comment?: string;
}

/** The members of SendCommand's input that say what runs and how it is spread. */
export interface CommandInput {
  readonly DocumentName: string;
  readonly DocumentVersion?: string;
  readonly Parameters: Readonly<Record<string, readonly string[]>>;
  readonly TimeoutSeconds?: number;
  readonly MaxConcurrency?: string;
  readonly MaxErrors?: string;
  readonly Comment?: string;
}

export function addCommandOptions(command: Command): Command {
  return command
    .option('--shell <program>', 'what runs the command: sh, bash, python3, any interpreter; pwsh for PowerShell', 'sh')
    .option('--file <script>', 'run a script instead of a command; - reads standard input')
    .option('--document <name>', 'run a document instead of a command')
    .option('--document-version <version>', 'its number, or $LATEST')
    .option(
      '-p, --parameter <name=value>',
      'a parameter of the document; again for more, or for more values of one',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--directory <path>', 'where it runs')
    .option('--timeout <seconds>', 'how long it may run: 5 to 172800 (default 3600)')
    .option('--deliver-within <seconds>', 'in which a node must have taken it: one that is away may come back')
    .option('--concurrency <number>', 'on how many nodes at once, or what percentage: 10, 25% (default 50)')
    .option(
      '--max-errors <number>',
      'how many failures are borne, or what percentage; one more, and nothing more starts (default 0)',
    )
    .option('--comment <text>', 'what others see beside it');
}

/**
 * @param words after `--`: one word is a line for the shell, several are separate words
 * @throws Failed
 */
export function commandInput(
  options: CommandOptions,
  words: readonly string[],
  read: (file: string) => string = readScript,
): CommandInput {
  const given = [words.length > 0, options.file !== undefined, options.document !== undefined].filter(Boolean).length;
  if (given === 0) throw new Failed('what is to run? Put a command behind --, or name a --file or a --document');
  if (given > 1) throw new Failed('a command behind --, --file and --document are one or the other');
  return {
    ...(options.document === undefined ? scriptInput(options, words, read) : documentInput(options.document, options)),
    ...(options.deliverWithin === undefined
      ? {}
      : { TimeoutSeconds: seconds('--deliver-within', options.deliverWithin) }),
    ...(options.concurrency === undefined ? {} : { MaxConcurrency: options.concurrency }),
    ...(options.maxErrors === undefined ? {} : { MaxErrors: options.maxErrors }),
    ...(options.comment === undefined ? {} : { Comment: options.comment }),
  };
}

function scriptInput(options: CommandOptions, words: readonly string[], read: (file: string) => string): CommandInput {
  const { shell, file, directory, timeout } = options;
  if (options.parameter.length > 0 || options.documentVersion !== undefined)
    throw new Failed('--parameter and --document-version are for a --document');
  const power = shell === 'pwsh' || shell === 'powershell';
  const lines =
    file !== undefined
      ? read(file).split(/\r?\n/)
      : [words.length === 1 ? words[0]! : words.map(power ? powerShellWord : shellWord).join(' ')];
  // PowerShell calls a quoted name only with this operator.
  const text = power && words.length > 1 ? lines.map((line) => `& ${line}`) : lines;
  return {
    DocumentName: power ? 'AWS-RunPowerShellScript' : 'AWS-RunShellScript',
    Parameters: {
      commands: withInterpreter(text, power ? 'sh' : shell),
      ...(directory === undefined ? {} : { workingDirectory: [directory] }),
      ...(timeout === undefined ? {} : { executionTimeout: [executionTimeout(timeout)] }),
    },
  };
}

/** A script's own first line is kept. */
function withInterpreter(lines: readonly string[], shell: string): readonly string[] {
  if (shell === 'sh' || lines[0]?.startsWith('#!') === true) return lines;
  if (!/^[\w./+-]+$/.test(shell)) throw new Failed(`${shell} is no name of a program`);
  return [shell.startsWith('/') ? `#!${shell}` : `#!/usr/bin/env ${shell}`, ...lines];
}

function documentInput(name: string, { documentVersion, parameter, directory, timeout }: CommandOptions): CommandInput {
  const values = Object.create(null) as Record<string, string[]>;
  const add = (one: string, value: string): void => void (values[one] ??= []).push(value);
  for (const each of parameter) {
    const equals = each.indexOf('=');
    if (equals < 1) throw new Failed(`--parameter ${each}: write name=value`);
    add(each.slice(0, equals), each.slice(equals + 1));
  }
  // The parameters' names in AWS's own documents.
  if (directory !== undefined) add('workingDirectory', directory);
  if (timeout !== undefined) add('executionTimeout', executionTimeout(timeout));
  return {
    DocumentName: name,
    ...(documentVersion === undefined ? {} : { DocumentVersion: documentVersion }),
    Parameters: values,
  };
}

/** Seconds. Agents silently replace any other value by an hour. */
const timeouts = { least: 5, most: 172_800 } as const;

function executionTimeout(text: string): string {
  const value = seconds('--timeout', text);
  if (value < timeouts.least || value > timeouts.most)
    throw new Failed(
      `--timeout takes ${timeouts.least} to ${timeouts.most} seconds, which is what nodes can keep, not ${text}`,
    );
  return String(value);
}

function seconds(option: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Failed(`${option} takes a number of seconds, not ${text}`);
  return Number(text);
}

/** Quotes a word for a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function powerShellWord(word: string): string {
  return `'${word.replaceAll("'", "''")}'`;
}

function readScript(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\n$/, '');
  } catch (error) {
    throw new Failed(`the script could not be read: ${error instanceof Error ? error.message : String(error)}`, 1, {
      cause: error,
    });
  }
}
