/** `flotilla topics`: topics and their webhooks, where there is no SNS. */
import { Option, type Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { table } from './table.ts';

interface Topic {
  readonly TopicArn: string;
  readonly Name: string;
  readonly CreatedAt: string;
}

interface Subscription {
  readonly Id: string;
  readonly Url: string;
  readonly Format: string;
  readonly CreatedAt: string;
  readonly Failures: number;
}

interface NewSubscription extends Subscription {
  readonly Secret: string;
}

export function define(topics: Command): void {
  const client = (command: Command): Client => new Client(findConnection(command.optsWithGlobals(), process.env));
  const pathOf = (name: string, ...more: readonly string[]): string =>
    `/x/topics/${[name, ...more].map(encodeURIComponent).join('/')}`;

  topics
    .command('create')
    .description('makes a topic and prints its ARN; one that is there already is no error')
    .argument('<name>')
    .action(async (name: string, _options: object, command: Command) => {
      console.log((await client(command).call<{ TopicArn: string }>('POST', '/x/topics', { Name: name })).TopicArn);
    });

  topics
    .command('list')
    .description('the topics, or the webhooks of one')
    .argument('[name]')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, { json }: { readonly json?: true }, command: Command) => {
      const from = client(command);
      const rows =
        name === undefined
          ? await everyTopic(from)
          : (await from.call<{ Subscriptions: Subscription[] }>('GET', pathOf(name, 'subscriptions'))).Subscriptions;
      if (json === true) console.log(JSON.stringify(rows, null, 2));
      else if (rows.length === 0) console.log(name === undefined ? 'no topics' : 'no webhooks');
      else
        console.log(
          name === undefined ? topicTable(rows as readonly Topic[]) : webhookTable(rows as readonly Subscription[]),
        );
    });

  topics
    .command('subscribe')
    .description('has a webhook sent what the topic is told; prints the secret of its signatures, this once')
    .argument('<name>')
    .argument('<url>')
    .addOption(
      new Option('--format <format>', 'the message alone, or within the JSON that SNS sends')
        .choices(['raw', 'sns'])
        .default('raw'),
    )
    .option('--json', 'as JSON')
    .action(
      async (
        name: string,
        url: string,
        { format, json }: { readonly format: string; readonly json?: true },
        command: Command,
      ) => {
        const made = await client(command).call<NewSubscription>('POST', pathOf(name, 'subscriptions'), {
          Url: url,
          Format: format,
        });
        console.log(json === true ? JSON.stringify(made, null, 2) : `${made.Id} subscribed\nsecret ${made.Secret}`);
      },
    );

  topics
    .command('unsubscribe')
    .description('ends a webhook’s subscription; what waits for it goes too')
    .argument('<name>')
    .argument('<id>')
    .action(async (name: string, id: string, _options: object, command: Command) => {
      await client(command).call('DELETE', pathOf(name, 'subscriptions', id));
      console.log(`${id} unsubscribed`);
    });

  topics
    .command('delete')
    .description('with its subscriptions')
    .argument('<name>')
    .action(async (name: string, _options: object, command: Command) => {
      await client(command).call('DELETE', pathOf(name));
      console.log(`${name} deleted`);
    });
}

async function everyTopic(client: Client): Promise<Topic[]> {
  const topics: Topic[] = [];
  let token: string | undefined;
  do {
    const page: { readonly Topics: readonly Topic[]; readonly NextToken?: string } = await client.call(
      'GET',
      `/x/topics${token === undefined ? '' : `?NextToken=${encodeURIComponent(token)}`}`,
    );
    topics.push(...page.Topics);
    token = page.NextToken;
  } while (token !== undefined);
  return topics;
}

const topicTable = (topics: readonly Topic[]): string =>
  table(
    ['NAME', 'ARN', 'CREATED'],
    topics.map((topic) => [topic.Name, topic.TopicArn, topic.CreatedAt]),
  );

const webhookTable = (webhooks: readonly Subscription[]): string =>
  table(
    ['ID', 'URL', 'FORMAT', 'CREATED', 'FAILED IN A ROW'],
    webhooks.map(({ Id, Url, Format, CreatedAt, Failures }) => [Id, Url, Format, CreatedAt, String(Failures)]),
  );
