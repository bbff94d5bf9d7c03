/** A command of `flotilla`, run in the test's own process against a front door. */
import { Command } from 'commander';
import { vi } from 'vitest';
import type { FrontDoor } from './front-door.ts';

/** Has `flotilla` find the front door and its admin's key by its variables, until the file's tests are over. */
export function pointFlotillaAt({ endpoint, credentials }: FrontDoor): void {
  vi.stubEnv('FLOTILLA_ENDPOINT', endpoint);
  vi.stubEnv('FLOTILLA_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('FLOTILLA_SECRET_ACCESS_KEY', credentials.secretAccessKey);
}

/**
 * What a command prints.
 * @param define the command's own definition: of cli/topics.ts, say
 */
export async function printed(
  name: string,
  define: (command: Command) => void,
  { folder }: FrontDoor,
  argv: readonly string[],
): Promise<string> {
  const lines: string[] = [];
  const print = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  const command = new Command(name).exitOverride().option('--data <folder>', '', folder);
  define(command);
  try {
    await command.parseAsync(argv, { from: 'user' });
  } finally {
    print.mockRestore();
  }
  return lines.join('\n');
}
