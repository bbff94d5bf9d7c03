/** `flotilla backup`: the data folder of a local Flotilla as a tar, while it runs. */
import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { Failed } from './failed.ts';

export function define(backup: Command): void {
  backup
    .argument('<file>', 'a new file, .tar; - for standard output')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      '\nEvery secret is in it, the key too: keep it where nobody else reads.\nTo restore: stop Flotilla, unpack it into an empty data folder (tar -xf FILE -C FOLDER), start with --data FOLDER.',
    )
    .action(async (file: string, { force }: { readonly force?: true }, command: Command) => {
      const client = new Client(findConnection(command.optsWithGlobals(), process.env));
      if (file === '-') return pipeline(await client.stream('POST', '/x/backup'), process.stdout);
      if (existsSync(file) && force !== true) throw new Failed(`${file} is there already: --force replaces it`);
      const bytes = await save(await client.stream('POST', '/x/backup'), file);
      console.error(`${file}: ${(bytes / 1e6).toFixed(1)} MB`);
      return undefined;
    });
}

/** The file is complete and on the disk, or stays as it was. @returns bytes */
async function save(archive: NodeJS.ReadableStream, file: string): Promise<number> {
  const part = `${file}.part`;
  try {
    await rm(part, { force: true });
    const out = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(archive, out);
    await rename(part, file);
    const folder = await open(path.dirname(path.resolve(file)));
    await folder.sync().finally(() => folder.close());
    return out.bytesWritten;
  } catch (error) {
    await rm(part, { force: true });
    throw new Failed(`no backup was made: ${error instanceof Error ? error.message : String(error)}`, 1, {
      cause: error,
    });
  }
}
