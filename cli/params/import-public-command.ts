/** `flotilla params import-public`: copies AWS's public parameters, mainly image ids, to Flotilla. */
import type { Command } from 'commander';
import { Client } from '../client.ts';
import { findConnection } from '../connection.ts';
import { Failed } from '../failed.ts';
import { checkApart, connectionToAws, withoutAws, type AwsOptions } from './aws-connection.ts';

interface Page {
  readonly Parameters?: readonly { readonly Name?: string; readonly Value?: string }[];
  readonly NextToken?: string;
}

/** The size of AWS's pages, and Flotilla's limit for one call. */
const pageSize = 10;
const mostAtOnce = 100;

export function define(params: Command): void {
  params
    .command('import-public')
    .description(
      'reads public parameters below a path from AWS, such as image ids, and answers for them here from now on',
    )
    .argument('<path>', 'for example /aws/service/ami-amazon-linux-latest')
    .option('--profile <name>', 'of AWS’s configuration files')
    .option('--region <region>', 'of AWS; else as AWS’s own tools find it')
    .option('--aws-endpoint <url>', 'in place of AWS’s')
    .addHelpText('after', '\nThey change at AWS: run it from a schedule. Here AWS_* variables are AWS’s alone.')
    .action(async (path: string, options: AwsOptions, command: Command) => {
      const here = findConnection(command.optsWithGlobals(), withoutAws(process.env));
      const aws = await connectionToAws(options, process.env);
      checkApart(aws, here);
      const [from, to] = [new Client(aws), new Client(here)];
      let imported = 0;
      let waiting: { readonly Name: string; readonly Value: string }[] = [];
      const put = async (): Promise<void> => {
        if (waiting.length > 0)
          imported += (await to.call<{ Imported: number }>('PUT', '/x/public-parameters', { Parameters: waiting }))
            .Imported;
        waiting = [];
      };
      for await (const parameter of below(path, from)) if (waiting.push(parameter) === mostAtOnce) await put();
      await put();
      if (imported === 0) throw new Failed(`there is nothing below ${path} in ${aws.region}`);
      console.log(`${imported} public parameters imported`);
    });
}

async function* below(path: string, client: Client): AsyncGenerator<{ readonly Name: string; readonly Value: string }> {
  let token: string | undefined;
  do {
    const page: Page = await client.ssm('GetParametersByPath', {
      Path: path,
      Recursive: true,
      MaxResults: pageSize,
      NextToken: token,
    });
    for (const { Name, Value } of page.Parameters ?? [])
      if (Name !== undefined && Value !== undefined) yield { Name, Value };
    token = page.NextToken;
  } while (token !== undefined && token !== '');
}
