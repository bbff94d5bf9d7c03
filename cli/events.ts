/** `flotilla events`: posts events of other services to Flotilla, as AWS would send them. */
import { readFileSync } from 'node:fs';
import { CommanderError, type Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';

export function define(events: Command): void {
  events
    .command('post')
    .description('an event in EventBridge’s envelope, or {"Events": [...]}, as JSON')
    .argument('[file]', 'where it is; without it, from standard input')
    .action(async (file: string | undefined, _options: object, command: Command) => {
      // 0 is standard input.
      const body = parse(readFileSync(file ?? 0, 'utf8'));
      const { Events } = await new Client(findConnection(command.optsWithGlobals(), process.env)).call<{
        Events: readonly { readonly Id: string }[];
      }>('POST', '/x/events', body);
      for (const { Id } of Events) console.log(`${Id} posted`);
    });
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return Array.isArray(value) ? { Events: value } : value;
  } catch {
    // Handled below.
  }
  process.stderr.write('flotilla: that is not JSON of an event\n');
  throw new CommanderError(2, 'flotilla.notAnEvent', 'that is not JSON of an event');
}
