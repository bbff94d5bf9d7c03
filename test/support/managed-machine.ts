/** A Flotilla and one node's agent, each in a process of its own, for tests of what a real agent does. */
import path from 'node:path';
import {
  GetCommandInvocationCommand,
  SendCommandCommand,
  type GetCommandInvocationCommandOutput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import {
  clientOf,
  eventually,
  startAgent,
  startServer,
  type AgentProcess,
  type ServerProcess,
} from './flotilla-process.ts';
import { temporaryFolder } from './state.ts';

export interface ManagedMachine {
  /** Removed at the end. */
  readonly folder: string;
  readonly server: ServerProcess;
  readonly agent: AgentProcess;
  /** An admin's. */
  readonly client: SSMClient;
  /** Runs a document on the node. @param step whose result it is, of a document with several */
  run(
    document: string,
    parameters: Record<string, string[]>,
    step?: string,
  ): Promise<GetCommandInvocationCommandOutput>;
  close(): Promise<void>;
}

/** The states of an invocation that may still change. */
const open: readonly string[] = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

/** @param environment variables of the agent, given the machine's folder, beside those of the tests */
export async function openManagedMachine(
  environment: (folder: string) => NodeJS.ProcessEnv = () => ({}),
): Promise<ManagedMachine> {
  const { folder, remove } = temporaryFolder();
  const server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  const client = clientOf(server.connection);
  const agent = await startAgent(client, server.connection, path.join(folder, 'agent'), environment(folder));
  return {
    folder,
    server,
    agent,
    client,
    run: async (document, parameters, step) => {
      const { Command } = await client.send(
        new SendCommandCommand({ DocumentName: document, InstanceIds: [agent.nodeId], Parameters: parameters }),
      );
      const which = { CommandId: Command!.CommandId, InstanceId: agent.nodeId, PluginName: step };
      return eventually(`the end of ${document}`, async () => {
        const invocation = await client.send(new GetCommandInvocationCommand(which));
        return open.includes(invocation.Status!) ? undefined : invocation;
      });
    },
    close: async () => {
      client.destroy();
      await agent.kill('SIGTERM');
      await server.kill('SIGTERM');
      remove();
    },
  };
}
