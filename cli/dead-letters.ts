/** `flotilla dead-letters`: events and timers that failed for good. They can be replayed or deleted. */
import type { Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { table } from './table.ts';

interface DeadLetter {
  readonly Id: string;
  readonly FailedAt: string;
  readonly Attempts: number;
  readonly Error: string;
  readonly Event?: { readonly Route: string; readonly DetailType: string };
  readonly Timer?: { readonly Kind: string; readonly Key: string };
  readonly Record?: { readonly Text: string };
}

export function define(deadLetters: Command): void {
  const client = (command: Command): Client => new Client(findConnection(command.optsWithGlobals(), process.env));

  deadLetters
    .command('list')
    .description('oldest first')
    .option('--json', 'as JSON')
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const letters = await everyLetter(client(command));
      if (json === true) console.log(JSON.stringify(letters, null, 2));
      else if (letters.length === 0) console.log('no dead letters');
      else
        console.log(
          table(
            ['ID', 'FAILED', 'ATTEMPTS', 'WHAT', 'ERROR'],
            letters.map((letter) => [
              letter.Id,
              letter.FailedAt,
              String(letter.Attempts),
              subjectOf(letter),
              letter.Error.split('\n')[0] ?? '',
            ]),
          ),
        );
    });

  deadLetters
    .command('replay')
    .description('does it again, now; what fails again comes back as a new dead letter')
    .argument('<id...>')
    .action(async (ids: readonly string[], _options: object, command: Command) => {
      const to = client(command);
      for (const id of ids) {
        await to.call('POST', `/x/dead-letters/${encodeURIComponent(id)}/replay`);
        console.log(`${id} replayed`);
      }
    });

  deadLetters
    .command('delete')
    .description('throws it away')
    .argument('<id...>')
    .action(async (ids: readonly string[], _options: object, command: Command) => {
      const to = client(command);
      for (const id of ids) {
        await to.call('DELETE', `/x/dead-letters/${encodeURIComponent(id)}`);
        console.log(`${id} deleted`);
      }
    });
}

async function everyLetter(client: Client): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  let token: string | undefined;
  do {
    const query: string = token === undefined ? '' : `?NextToken=${encodeURIComponent(token)}`;
    const page: { readonly DeadLetters: readonly DeadLetter[]; readonly NextToken?: string } = await client.call(
      'GET',
      `/x/dead-letters${query}`,
    );
    letters.push(...page.DeadLetters);
    token = page.NextToken;
  } while (token !== undefined);
  return letters;
}

function subjectOf({ Event: event, Timer: timer, Record: record }: DeadLetter): string {
  if (event !== undefined) return `${event.DetailType} → ${event.Route}`;
  if (timer !== undefined) return `timer ${timer.Kind} of ${timer.Key}`;
  return record === undefined ? '' : 'a record that could not be read';
}
