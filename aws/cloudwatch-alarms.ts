/** The Alarms port on CloudWatch. */
import type { Alarms, AlarmState } from '../core/alarms.ts';
import { textOf, type QueryApi } from './query-api.ts';

/** Milliseconds that an answer is used again: a command of many waves would ask more often than CloudWatch answers. */
const fresh = 5_000;

export class CloudWatchAlarms implements Alarms {
  readonly #api: QueryApi;
  readonly #asked = new Map<string, { readonly at: number; readonly state: Promise<AlarmState | undefined> }>();

  /** @param api of `monitoring`, version 2010-08-01 */
  constructor(api: QueryApi) {
    this.#api = api;
  }

  stateOf(name: string): Promise<AlarmState | undefined> {
    const now = Date.now();
    const known = this.#asked.get(name);
    if (known !== undefined && now - known.at < fresh) return known.state;
    for (const [other, { at }] of this.#asked) if (now - at >= fresh) this.#asked.delete(other);
    const state = this.#ask(name);
    this.#asked.set(name, { at: now, state });
    // A failure is not remembered: the next one asks again.
    state.catch(() => this.#asked.delete(name));
    return state;
  }

  async #ask(name: string): Promise<AlarmState | undefined> {
    const xml = await this.#api.call('DescribeAlarms', {
      'AlarmNames.member.1': name,
      'AlarmTypes.member.1': 'MetricAlarm',
      'AlarmTypes.member.2': 'CompositeAlarm',
    });
    // One name, so at most one alarm: the first state is its.
    return textOf(xml, 'StateValue') as AlarmState | undefined;
  }
}
