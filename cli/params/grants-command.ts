/** `flotilla params grants`: the paths below which nodes may decrypt. */
import type { Command } from 'commander';
import { Client } from '../client.ts';
import { findConnection } from '../connection.ts';
import { table } from '../table.ts';

interface Grant {
  readonly NodeId: string;
  readonly Paths: readonly string[];
}

export function define(params: Command): void {
  const client = (command: Command): Client => new Client(findConnection(command.optsWithGlobals(), process.env));
  const pathOf = (node: string): string => `/x/parameter-grants/${encodeURIComponent(node)}`;
  const grants = params.command('grants').description('below which paths nodes may decrypt secrets: list, set, remove');

  grants
    .command('list')
    .description('every node’s; `all` is every node')
    .option('--json', 'as JSON')
    .action(async ({ json }: { readonly json?: true }, command: Command) => {
      const found = await everyGrant(client(command));
      if (json === true) console.log(JSON.stringify(found, null, 2));
      else
        console.log(
          found.length === 0
            ? 'no grants'
            : table(
                ['NODE', 'PATHS'],
                found.map(({ NodeId, Paths }) => [NodeId, Paths.join(' ')]),
              ),
        );
    });

  grants
    .command('set')
    .description('in place of what the node was granted before')
    .argument('<node>', 'its id, or all')
    .argument('<paths...>')
    .action(async (node: string, paths: readonly string[], _options: object, command: Command) => {
      const { NodeId, Paths } = await client(command).call<Grant>('PUT', pathOf(node), { Paths: paths });
      console.log(`${NodeId} may decrypt below ${Paths.join(' ')}`);
    });

  grants
    .command('remove')
    .argument('<node>', 'its id, or all')
    .action(async (node: string, _options: object, command: Command) => {
      await client(command).call('DELETE', pathOf(node));
      console.log(`${node} is granted nothing`);
    });
}

async function everyGrant(client: Client): Promise<Grant[]> {
  const found: Grant[] = [];
  let token: string | undefined;
  do {
    const page: { readonly Grants: readonly Grant[]; readonly NextToken?: string } = await client.call(
      'GET',
      `/x/parameter-grants${token === undefined ? '' : `?NextToken=${encodeURIComponent(token)}`}`,
    );
    found.push(...page.Grants);
    token = page.NextToken;
  } while (token !== undefined);
  return found;
}
