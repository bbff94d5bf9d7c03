/**
 * Flotilla as a process, a machine with amazon-ssm-agent as its node, and AWS's client: what the suites of that agent
 * share.
 */
import path from 'node:path';
import {
  CreateDocumentCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type CommandInvocation,
  type GetCommandInvocationCommandOutput,
  type SendCommandCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AmazonAgentMachine, type MachineOptions } from './amazon-ssm-agent.ts';
import { clientOf, eventually, startServer, type ServerProcess } from './flotilla-process.ts';
import { temporaryFolder } from './state.ts';

const unfinished: readonly (string | undefined)[] = ['Pending', 'InProgress', 'Delayed', 'Cancelling'];

export class AmazonAgentFixture {
  server: ServerProcess;
  readonly client: SSMClient;
  readonly s3: S3Client;
  readonly machine: AmazonAgentMachine;
  readonly folder: string;
  readonly #remove: () => void;

  private constructor(
    place: { folder: string; remove: () => void },
    server: ServerProcess,
    client: SSMClient,
    machine: AmazonAgentMachine,
  ) {
    const { endpoint, region } = server.connection;
    this.folder = place.folder;
    this.#remove = place.remove;
    this.server = server;
    this.client = client;
    this.s3 = new S3Client({ endpoint, region, credentials: server.connection, forcePathStyle: true });
    this.machine = machine;
  }

  /** Everything running, the node online. */
  static async open(options: Omit<MachineOptions, 'server'>): Promise<AmazonAgentFixture> {
    const place = temporaryFolder();
    const server = await startServer(path.join(place.folder, 'data'), 0, path.join(place.folder, 'events'));
    const client = clientOf(server.connection, 3);
    const machine = await AmazonAgentMachine.online(path.join(place.folder, 'machine'), client, {
      ...options,
      server: server.connection,
    });
    return new AmazonAgentFixture(place, server, client, machine);
  }

  async close(): Promise<void> {
    await this.machine.cutPower();
    await this.server.kill('SIGTERM');
    this.#remove();
  }

  /** Flotilla again, where it was. */
  async startServer(): Promise<void> {
    this.server = await startServer(
      path.join(this.folder, 'data'),
      Number(new URL(this.server.connection.endpoint).port),
      path.join(this.folder, 'events'),
    );
  }

  async send(input: Partial<SendCommandCommandInput>): Promise<string> {
    const { Command } = await this.client.send(
      new SendCommandCommand({ DocumentName: 'AWS-RunShellScript', InstanceIds: [this.machine.nodeId], ...input }),
    );
    return Command!.CommandId!;
  }

  /** AWS-RunShellScript. */
  script(
    commands: string[],
    parameters: Record<string, string[]> = {},
    more: Partial<SendCommandCommandInput> = {},
  ): Promise<string> {
    return this.send({ Parameters: { commands, ...parameters }, ...more });
  }

  async document(Name: string, content: object): Promise<void> {
    await this.client.send(
      new CreateDocumentCommand({ Name, DocumentType: 'Command', Content: JSON.stringify(content) }),
    );
  }

  get(CommandId: string, PluginName?: string): Promise<GetCommandInvocationCommandOutput> {
    return this.client.send(
      new GetCommandInvocationCommand({ CommandId, InstanceId: this.machine.nodeId, PluginName }),
    );
  }

  end(commandId: string, milliseconds = 30_000): Promise<GetCommandInvocationCommandOutput> {
    return eventually(
      `the end of ${commandId}`,
      async () => {
        const invocation = await this.get(commandId);
        return unfinished.includes(invocation.Status) ? undefined : invocation;
      },
      milliseconds,
    );
  }

  /** Sends it and waits for its end. */
  async run(
    commands: string[],
    parameters: Record<string, string[]> = {},
    more: Partial<SendCommandCommandInput> = {},
  ): Promise<GetCommandInvocationCommandOutput> {
    return this.end(await this.script(commands, parameters, more));
  }

  isUnderWay(commandId: string): Promise<true> {
    return eventually(`${commandId} to run`, async () =>
      (await this.get(commandId)).Status === 'InProgress' ? (true as const) : undefined,
    );
  }

  /** With the results of its steps. */
  async invocation(CommandId: string): Promise<CommandInvocation> {
    const { CommandInvocations = [] } = await this.client.send(
      new ListCommandInvocationsCommand({ CommandId, Details: true }),
    );
    return CommandInvocations[0]!;
  }

  /** Name, status and code of each step. */
  async steps(commandId: string): Promise<unknown[][]> {
    return ((await this.invocation(commandId)).CommandPlugins ?? []).map(({ Name, Status, ResponseCode }) => [
      Name,
      Status,
      ResponseCode,
    ]);
  }

  async object(Bucket: string, Key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
    return Body!.transformToString();
  }
}
