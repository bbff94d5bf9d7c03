/** The Alarms port on CloudWatch. */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Alarms, AlarmState } from '../core/alarms.ts';

/** Milliseconds that an answer is reused: a command with many batches would ask more often than CloudWatch allows. */
const fresh = 5_000;

export class CloudWatchAlarms implements Alarms {
  #client: CloudWatchClient | undefined;
  readonly #asked = new Map<string, { readonly at: number; readonly state: Promise<AlarmState | undefined> }>();

  /** @param client default: one for the process's own Region and credentials, loaded with the first question */
  constructor(client?: CloudWatchClient) {
    this.#client = client;
  }

  stateOf(name: string): Promise<AlarmState | undefined> {
    const now = Date.now();
    const known = this.#asked.get(name);
    if (known !== undefined && now - known.at < fresh) return known.state;
    for (const [other, { at }] of this.#asked) if (now - at >= fresh) this.#asked.delete(other);
    const state = this.#ask(name);
    this.#asked.set(name, { at: now, state });
    // A failure is not cached: the next question is sent.
    state.catch(() => this.#asked.delete(name));
    return state;
  }

  async #ask(name: string): Promise<AlarmState | undefined> {
    // Most functions never ask. They do not load the client, so that they start faster.
    const { CloudWatchClient, DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
    this.#client ??= new CloudWatchClient({});
    const { MetricAlarms: metric = [], CompositeAlarms: composite = [] } = await this.#client.send(
      new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    return [...metric, ...composite][0]?.StateValue;
  }
}
