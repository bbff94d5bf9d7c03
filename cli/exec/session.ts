/** Shows one command while it runs: each node's output as it comes, progress, and a summary at the end. */
import type { Client } from '../client.ts';
import { exactLength, PrefixedLines, StreamedText } from './streamed-text.ts';
import { described } from './targets.ts';
import type { Terminal } from './terminal.ts';
import type { Watched, WatchedCommand, WatchedInvocation, WatchedStep } from './watched.ts';

type StreamName = 'stdout' | 'stderr';

interface Stream {
  readonly text: StreamedText;
  readonly lines?: PrefixedLines;
}

/** The most nodes whose machine names are looked up, and the longest prefix of a line. */
const mostNamed = 1_000;
const longestName = 32;

export class Session {
  readonly #client: Client;
  readonly #terminal: Terminal;
  readonly #invocations = new Map<string, WatchedInvocation>();
  /** The machines' own names, by node. */
  readonly #names = new Map<string, string>();
  /** The number of nodes with each name. */
  readonly #bearers = new Map<string, number>();
  readonly #streams = new Map<string, Stream>();
  #command: WatchedCommand | undefined;
  #width = 0;

  constructor(client: Client, terminal: Terminal) {
    this.#client = client;
    this.#terminal = terminal;
  }

  /** Whether there is one node. With several, each line gets the node's name as prefix. */
  get alone(): boolean {
    return this.#command?.Spreading === false && this.#command.TargetCount === 1;
  }

  get command(): WatchedCommand | undefined {
    return this.#command;
  }

  get invocations(): readonly WatchedInvocation[] {
    return [...this.#invocations.values()];
  }

  nameOf = (nodeId: string): string => {
    const name = this.#names.get(nodeId);
    if (name === undefined) return nodeId;
    return (this.#bearers.get(name) ?? 0) > 1 ? `${name} ${nodeId}` : name;
  };

  async take({ Command, Invocations }: Watched): Promise<void> {
    this.#command = Command;
    const fresh = Invocations.filter(({ InstanceId }) => !this.#invocations.has(InstanceId)).map(
      ({ InstanceId }) => InstanceId,
    );
    if (!this.alone && fresh.length > 0 && this.#names.size < mostNamed) await this.#learnNames(fresh);
    for (const invocation of Invocations) {
      this.#invocations.set(invocation.InstanceId, invocation);
      for (const step of invocation.Steps) this.#show(invocation, step);
      if (invocation.Done) this.#endLines(invocation);
    }
  }

  /** Shows output that was longer than the reports: of one node it is printed, of several its location is named. */
  async finish(): Promise<void> {
    for (const invocation of this.#invocations.values())
      for (const step of invocation.Steps) {
        if (this.alone) {
          if (step.Cut || !isExact(step)) await this.#showRest(invocation, step);
        } else if (step.Cut)
          this.#terminal.error(
            `${this.#prefix(invocation.InstanceId)}… there is more: flotilla output ${this.#command?.CommandId} ${invocation.InstanceId} ${step.Name}\n`,
          );
      }
  }

  /** @param seconds since the command began */
  progressText(seconds: number): string {
    const command = this.#command;
    if (command === undefined || command.Spreading) return `looking up nodes ${clock(seconds)}`;
    const running = this.invocations.filter(({ Status, Done }) => !Done && Status !== 'Pending').length;
    if (this.alone)
      return `${running > 0 ? 'running' : command.StatusDetails === 'Delayed' ? 'the node’s hands are full' : 'waiting for the node'} ${clock(seconds)}`;
    const failed = this.invocations.filter(({ Status, Done }) => Done && Status !== 'Success').length;
    return [
      `${command.CompletedCount}/${command.TargetCount} done`,
      `${running} running`,
      ...(failed > 0 ? [`${failed} not well`] : []),
      clock(seconds),
    ].join(', ');
  }

  #show(invocation: WatchedInvocation, step: WatchedStep): void {
    for (const [name, whole] of [
      ['stdout', step.StandardOutput],
      ['stderr', step.StandardError],
    ] as const) {
      const { text, lines } = this.#stream(invocation.InstanceId, step.Name, name);
      // Together with other nodes' lines the output is treated as text, and the rest is not fetched.
      const next = text.next(whole, lines !== undefined && invocation.Done);
      if (lines === undefined) this.#write(name, next);
      else if (next !== '') lines.push(next);
    }
  }

  #endLines(invocation: WatchedInvocation): void {
    for (const step of invocation.Steps)
      for (const name of ['stdout', 'stderr'] as const)
        this.#stream(invocation.InstanceId, step.Name, name).lines?.end();
  }

  async #showRest(invocation: WatchedInvocation, step: WatchedStep): Promise<void> {
    const base = `/x/commands/${encodeURIComponent(this.#command?.CommandId ?? '')}/nodes/${encodeURIComponent(invocation.InstanceId)}/output/${encodeURIComponent(step.Name)}`;
    for (const name of ['stdout', 'stderr'] as const) {
      const answer = await this.#client.stream('GET', `${base}/${name}`);
      let skip = this.#stream(invocation.InstanceId, step.Name, name).text.shownBytes;
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        const rest = chunk.subarray(skip);
        skip = Math.max(0, skip - chunk.length);
        await this.#writeAll(name, rest);
      }
      // The answer of a redirect does not say it: the file is complete.
      if (answer.headers['x-flotilla-whole'] === 'false')
        this.#terminal.error(
          `flotilla: this is not all of ${name}: the node has not kept the rest where Flotilla finds it\n`,
        );
    }
  }

  #stream(nodeId: string, step: string, name: StreamName): Stream {
    const key = `${nodeId} ${name} ${step}`;
    let stream = this.#streams.get(key);
    if (stream === undefined) {
      stream = {
        text: new StreamedText(),
        ...(this.alone ? {} : { lines: new PrefixedLines(this.#prefix(nodeId), (text) => this.#write(name, text)) }),
      };
      this.#streams.set(key, stream);
    }
    return stream;
  }

  #write(name: StreamName, output: string | Uint8Array): void {
    if (name === 'stdout') this.#terminal.out(output);
    else this.#terminal.error(output);
  }

  /** No faster than the reader reads: the output may be larger than the memory. */
  async #writeAll(name: StreamName, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#write(name, bytes);
    const stream = name === 'stdout' ? process.stdout : process.stderr;
    if (stream.writableNeedDrain) await new Promise((resolve) => stream.once('drain', resolve));
  }

  #prefix(nodeId: string): string {
    return `${this.nameOf(nodeId).padEnd(this.#width)} | `;
  }

  /** Looks up the names of nodes that are new here. */
  async #learnNames(nodeIds: readonly string[]): Promise<void> {
    for (const { InstanceId, ComputerName = '' } of await described(nodeIds.slice(0, mostNamed), this.#client)) {
      const short = ComputerName.split('.')[0]!.slice(0, longestName);
      if (short === '') continue;
      this.#names.set(InstanceId, short);
      this.#bearers.set(short, (this.#bearers.get(short) ?? 0) + 1);
    }
    this.#width = Math.max(...nodeIds.map((id) => this.nameOf(id).length), this.#width);
  }
}

/** Whether the reports have both streams byte for byte. */
function isExact({ StandardOutput, StandardError }: WatchedStep): boolean {
  return [StandardOutput, StandardError].every((text) => exactLength(text) === text.length);
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
