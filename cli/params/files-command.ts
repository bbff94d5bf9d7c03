/** `flotilla params export`, `import` and `diff`. */
import { readFileSync, statSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { replaceFile } from '../../core/replace-file.ts';
import { Client } from '../client.ts';
import { findConnection } from '../connection.ts';
import { Failed } from '../failed.ts';
import { compareTrees, showDifferences } from './compare.ts';
import { formatOf, formats, readTree, withTypes, writeTree, type Format } from './files.ts';
import { readStore, readStoreAsAllowed } from './store.ts';
import { normalPath, parameterTypes, type ParameterType, type Tree } from './tree.ts';
import { write } from './write-command.ts';

export function define(params: Command): void {
  const client = (command: Command): Client => new Client(findConnection(command.optsWithGlobals(), process.env));
  const formatOption = (): Option =>
    new Option('--format <format>', 'of the file; as its name ends where this is not said').choices(formats);

  params
    .command('export')
    .description('all below a path, as a file; secrets without their values unless asked')
    .argument('<path>')
    .addOption(new Option('--format <format>', 'dotenv has names and values alone').choices(formats).default('json'))
    .option('--decrypt', 'secrets with their values')
    .option('--output <file>', 'in place of standard output; only you may read it')
    .action(
      async (
        path: string,
        { format, decrypt, output }: { readonly format: Format; readonly decrypt?: true; readonly output?: string },
        command: Command,
      ) => {
        const tree = await readStore(client(command), normalPath(path), { decrypt: decrypt === true });
        if (tree.size === 0) console.error(`there is nothing below ${path}`);
        const text = writeTree(tree, format);
        if (output === undefined) process.stdout.write(text);
        else replaceFile(output, text, 0o600);
      },
    );

  params
    .command('import')
    .description('writes what a file has below a path; what is the same stays as it is, and what only the path has too')
    .argument('<file>', '- for standard input')
    .argument('<path>')
    .addOption(formatOption())
    .addOption(new Option('--type <type>', 'of what the file gives no type').choices(parameterTypes).default('String'))
    .option('--key-id <key>', 'of secrets that are created')
    .option('--overwrite', 'change what is there and differs')
    .option('--dry-run', 'only show what would be written')
    .option('--decrypt', 'show secrets')
    .action(async (file: string, path: string, options: ImportOptions, command: Command) => {
      const source = fileTree(file, options.format);
      const to = client(command);
      const target = new Map(
        [...(await readStoreAsAllowed(to, normalPath(path)))].filter(([name]) => source.has(name)),
      );
      await write({
        client: to,
        path: normalPath(path),
        target,
        source: withTypes(source, target, options.type),
        overwrite: options.overwrite === true,
        remove: false,
        keyId: options.keyId,
        preview: options.dryRun === true ? 'without --dry-run they are written' : undefined,
        decrypt: options.decrypt === true,
      });
    });

  params
    .command('diff')
    .description('two paths, or a path and a file, beside each other: exits with 1 where they differ')
    .argument('<a>', 'a file, or a path of parameters: what begins with / and is no file here')
    .argument('<b>')
    .addOption(formatOption())
    .option('--decrypt', 'show secrets; they are compared in any case')
    .action(
      async (
        a: string,
        b: string,
        { format, decrypt }: { readonly format?: Format; readonly decrypt?: true },
        command: Command,
      ) => {
        const read = async (side: string): Promise<Tree> =>
          isFile(side) ? fileTree(side, format) : readStoreAsAllowed(client(command), normalPath(side));
        const differences = compareTrees(...(await Promise.all([read(a), read(b)])));
        for (const line of showDifferences(differences, { decrypt: decrypt === true })) console.log(line);
        if (differences.some(({ kind }) => kind !== 'unknown')) process.exitCode = 1;
      },
    );
}

interface ImportOptions {
  readonly format?: Format;
  readonly type: ParameterType;
  readonly keyId?: string;
  readonly overwrite?: true;
  readonly dryRun?: true;
  readonly decrypt?: true;
}

const isFile = (side: string): boolean =>
  !side.startsWith('/') || statSync(side, { throwIfNoEntry: false })?.isFile() === true;

/** @throws Failed */
function fileTree(file: string, format: Format | undefined): Tree {
  const from = format ?? (file === '-' ? 'json' : formatOf(file));
  try {
    // fatal: text that is not UTF-8 is refused instead of replaced. A byte order mark is removed.
    return readTree(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? 0 : file)), from);
  } catch (error) {
    if (error instanceof Failed) throw new Failed(`${file}: ${error.message}`, error.exitCode, { cause: error });
    throw new Failed(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 2, {
      cause: error,
    });
  }
}
