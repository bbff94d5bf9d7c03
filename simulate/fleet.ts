/** A fleet of simulated nodes in one process. */
import { HttpClient } from '../core/http-client.ts';
import type { Registration } from '../agent/registration.ts';
import type { Log } from '../core/log.ts';
import { SimulatedNode, type Behaviour, type Counts } from './node.ts';

/** Milliseconds, as in the agent. */
const heartBeatEvery = 300_000;
const associationsEvery = 600_000;
const resendLook = 1_000;
/** The most nodes that start at the same time. To test a fleet that connects in one second, restart the server. */
const startsAtOnce = 64;
const retryPause = 1_000;

export class Fleet {
  readonly counts: Counts = {
    connected: 0,
    taken: 0,
    again: 0,
    acknowledged: 0,
    cancelled: 0,
    heartBeats: 0,
    associationsRun: 0,
  };
  readonly #nodes: readonly SimulatedNode[];
  readonly #http: HttpClient;
  readonly #log: Log;
  readonly #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  constructor(registrations: readonly Registration[], behaviour: Behaviour, log: Log) {
    this.#log = log;
    this.#http = new HttpClient(registrations[0]?.caFile);
    this.#nodes = registrations.map(
      (registration) => new SimulatedNode(registration, this.#http, behaviour, this.counts, log),
    );
  }

  /** Resolves when every node has sent a heart-beat and opens its channel. */
  async start(): Promise<void> {
    const rest = [...this.#nodes];
    const work = async (): Promise<void> => {
      for (const node of takeFrom(rest)) await this.#startNode(node);
    };
    await Promise.all(Array.from({ length: startsAtOnce }, work));
    this.#every(heartBeatEvery, (node) => node.beat());
    this.#every(associationsEvery, (node) => node.pollAssociations());
    this.#timers.push(setInterval(() => this.#resend(), resendLook));
  }

  /** Every node looks for due associations now. */
  async pollAssociations(): Promise<void> {
    const rest = [...this.#nodes];
    const work = async (): Promise<void> => {
      for (const node of takeFrom(rest)) await this.#try(node, () => node.pollAssociations());
    };
    await Promise.all(Array.from({ length: startsAtOnce }, work));
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const node of this.#nodes) node.stop();
    this.#http.close();
  }

  async #startNode(node: SimulatedNode): Promise<void> {
    while (!this.#stopped) {
      if (await this.#try(node, () => node.start())) return;
      await new Promise((resolve) => setTimeout(resolve, retryPause * (0.5 + Math.random())));
    }
  }

  async #try(node: SimulatedNode, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!this.#stopped)
        this.#log.warn('a simulated node was not served', { nodeId: node.registration.nodeId, error });
      return false;
    }
  }

  /** Calls the work once for each node in every period, spread evenly, as real machines would. */
  #every(period: number, work: (node: SimulatedNode) => Promise<void>): void {
    const ticksPerPeriod = Math.ceil(period / 100);
    let tick = 0;
    const share = (): void => {
      const from = Math.floor((this.#nodes.length * tick) / ticksPerPeriod);
      tick = (tick + 1) % ticksPerPeriod;
      const to = tick === 0 ? this.#nodes.length : Math.floor((this.#nodes.length * tick) / ticksPerPeriod);
      for (const node of this.#nodes.slice(from, to)) void this.#try(node, () => work(node));
    };
    this.#timers.push(setInterval(share, period / ticksPerPeriod));
  }

  #resend(): void {
    const now = Date.now();
    for (const node of this.#nodes) node.resend(now);
  }
}

/** A queue that several workers share: each takes the next item until none is left. */
function* takeFrom<T>(rest: T[]): Generator<T> {
  for (let item = rest.pop(); item !== undefined; item = rest.pop()) yield item;
}
