/** `flotilla keys`: who may sign requests, and with which role. */
import { Option, type Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { table } from './table.ts';

interface ListedKey {
  readonly AccessKeyId: string;
  readonly Name: string;
  readonly Role: string;
  readonly CreatedAt: string;
  readonly ExpiresAt?: string;
}

interface CreatedKey {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Name: string;
  readonly Role: string;
}

export function define(keys: Command): void {
  const client = (command: Command): Client => new Client(findConnection(command.optsWithGlobals(), process.env));

  keys
    .command('list')
    .description('the keys there are, without their secrets')
    .option('--json', 'as JSON')
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const { Keys } = await client(command).call<{ Keys: ListedKey[] }>('GET', '/x/keys');
      if (json === true) console.log(JSON.stringify(Keys, null, 2));
      else
        console.log(
          table(
            ['ACCESS KEY', 'NAME', 'ROLE', 'CREATED', 'EXPIRES'],
            Keys.map((key) => [key.AccessKeyId, key.Name, key.Role, key.CreatedAt, key.ExpiresAt ?? '']),
          ),
        );
    });

  keys
    .command('create')
    .description('a new key; its secret is shown this once')
    .requiredOption('--name <name>', 'whose it is')
    .addOption(
      new Option('--role <role>', 'admin: everything; operator: all but keys; viewer: reads, decrypts nothing')
        .choices(['admin', 'operator', 'viewer'])
        .makeOptionMandatory(),
    )
    .option('--json', 'as JSON')
    .action(
      async (
        { name, role, json }: { readonly name: string; readonly role: string; readonly json?: true },
        command: Command,
      ) => {
        const key = await client(command).call<CreatedKey>('POST', '/x/keys', { Name: name, Role: role });
        if (json === true) console.log(JSON.stringify(key, null, 2));
        else console.log(`AWS_ACCESS_KEY_ID=${key.AccessKeyId}\nAWS_SECRET_ACCESS_KEY=${key.SecretAccessKey}`);
      },
    );

  keys
    .command('delete')
    .description('ends a key at once')
    .argument('<access-key-id>')
    .action(async (accessKeyId: string, _options: object, command: Command) => {
      await client(command).call('DELETE', `/x/keys/${encodeURIComponent(accessKeyId)}`);
      console.log(`${accessKeyId} deleted`);
    });
}
