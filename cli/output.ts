/** `flotilla output`: a command's whole output on a node. */
import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { Client } from './client.ts';
import { findConnection } from './connection.ts';
import { resolveWords } from './exec/targets.ts';
import { Failed } from './failed.ts';

interface KeptStream {
  readonly Bytes: number;
  readonly Whole: boolean;
}

interface KeptOutput {
  readonly Name: string;
  readonly StandardOutput: KeptStream;
  readonly StandardError: KeptStream;
}

export function define(output: Command): void {
  output
    .argument('<command-id>')
    .argument('<node>', 'its id, or the name of its machine')
    .argument('[step]', 'of a document with several; all of them otherwise')
    .addOption(new Option('--stream <name>', 'one of them alone').choices(['stdout', 'stderr']))
    .action(
      async (
        commandId: string,
        node: string,
        step: string | undefined,
        { stream }: { readonly stream?: 'stdout' | 'stderr' },
        command: Command,
      ) => {
        const client = new Client(findConnection(command.optsWithGlobals(), process.env));
        const [nodeId] = (await resolveWords([node], client)).InstanceIds ?? [];
        if (nodeId === undefined) throw new Failed(`${node} is no node`);
        const base = `/x/commands/${encodeURIComponent(commandId)}/nodes/${encodeURIComponent(nodeId)}/output`;
        const { Steps } = await client.call<{ Steps: KeptOutput[] }>('GET', base);
        const wanted = step === undefined ? Steps : Steps.filter(({ Name }) => Name === step);
        if (step !== undefined && wanted.length === 0)
          throw new Failed(
            `there is no output of a step ${step}; there is of: ${Steps.map(({ Name }) => Name).join(', ') || 'none'}`,
          );
        for (const kept of wanted) {
          if (stream !== 'stderr')
            await print(client, `${base}/${encodeURIComponent(kept.Name)}/stdout`, kept.StandardOutput, process.stdout);
          if (stream !== 'stdout')
            await print(client, `${base}/${encodeURIComponent(kept.Name)}/stderr`, kept.StandardError, process.stderr);
          if (!kept.StandardOutput.Whole || !kept.StandardError.Whole)
            console.error(
              `flotilla: this is not all of ${kept.Name}: it is still running, or the node has not kept the rest where Flotilla finds it`,
            );
        }
      },
    );
}

/** Streamed no faster than it is read: it may be larger than the memory. */
async function print(client: Client, path: string, { Bytes }: KeptStream, to: NodeJS.WriteStream): Promise<void> {
  if (Bytes === 0) return;
  try {
    await pipeline(await client.stream('GET', path), to, { end: false });
  } catch (error) {
    throw new Failed(`the output was cut off: ${error instanceof Error ? error.message : String(error)}`, 1, {
      cause: error,
    });
  }
}
