/**
 * What must hold of a job of any kind however people, alarms, timers and machines interleave: replies late, doubled and
 * lost, cancels, people who come and go, writes that fail before or after they were done, two workers at once, a
 * worker that dies between any two calls of the state, a deadline that ends every call after one batch.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProcessBackground } from '../../../core/background.ts';
import type { Context } from '../../../core/context.ts';
import { noDeadline, type Deadline } from '../../../core/deadline.ts';
import { deadLetterPartition } from '../../../core/dead-letters.ts';
import { ConflictPersists } from '../../../core/retry-on-conflict.ts';
import { queryAll, type State } from '../../../core/state.ts';
import { scheduleTimer, timerPartition, timerShards, type Timer } from '../../../core/timers.ts';
import { alarmWrites } from '../../../functions/alarms/index.ts';
import { fireTimer } from '../../../functions/clock/fire-timer.ts';
import {
  cancelJob,
  completedCount,
  deltaPartition,
  lookAfter,
  maxConcurrencyOf,
  maxErrorsOf,
  nudgeJob,
  readJob,
  stopJobsOfAlarm,
} from '../../../functions/fan-out/index.ts';
import { testContext } from '../../support/context.ts';
import { MemoryState } from '../../support/memory-state.ts';
import {
  acknowledge,
  beginErrand,
  endPerson,
  errandKind,
  isOpen,
  join,
  personKey,
  theJob,
  type ErrandBody,
  type ErrandKind,
  type PersonBody,
} from './errand-kind.ts';

const everybody = Array.from({ length: 9 }, (_, place) => `p-${place}`);
const alarm = 'error-rate';

const person = fc.constantFrom(...everybody);
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), person }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      person,
      to: fc.constantFrom('Success' as const, 'Success' as const, 'Failed' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(0, 1, 5, 70) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('nudge' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('alarm' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('come' as const), person }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const story = fc.record({
  onePass: fc.boolean(),
  rampUp: fc.boolean(),
  alarmed: fc.boolean(),
  /** Whether other processes work on the same state, so that counting takes a lease. */
  alone: fc.boolean(),
  present: fc.subarray(everybody, { minLength: 0 }),
  batch: fc.constantFrom(1, 2, 100),
  maxConcurrency: fc.constantFrom('1', '2', '50', '34%', '100%'),
  maxErrors: fc.constantFrom('0', '1', '50%', '100%'),
  times: fc.array(fc.array(happening, { minLength: 1, maxLength: 4 }), { maxLength: 25 }),
  writes: fc.array(fc.constantFrom('done', 'done', 'done', 'done', 'lost', 'answer lost'), { maxLength: 60 }),
  turns: fc.array(fc.nat(3), { minLength: 1, maxLength: 30 }),
  /** Of each call of a worker in turn: after how many calls of the state it dies; 0: it lives. */
  deaths: fc.array(fc.constantFrom(0, 0, 0, 1, 3, 6, 11), { maxLength: 30 }),
  /** How often a call may ask whether it is late, before it is. */
  late: fc.constantFrom(0, 1, 3, Infinity),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

class Died extends Error {
  override readonly name = 'Died';
}

/** A worker: a process of its own, on a state that fails and dies as the story tells. */
class Workers {
  readonly #story: Story;
  readonly #state: State;
  readonly #base: Context;
  #call = 0;
  #write = 0;
  #worker = 0;
  #underWay = 0;
  healed = false;
  /** They outlive calls, as processes do. */
  readonly #backgrounds: ProcessBackground[];

  constructor(told: Story, base: Context) {
    this.#story = told;
    this.#state = base.state;
    this.#base = base;
    const count = told.alone ? 1 : 2;
    this.#backgrounds = Array.from({ length: count }, () => new ProcessBackground({ isAlone: told.alone }));
  }

  next(): Context {
    const { deaths, late } = this.#story;
    const worker = this.#worker++;
    const dies = this.healed ? 0 : (deaths[worker] ?? 0);
    let asked = 0;
    const deadline: Deadline = late === Infinity ? noDeadline : { remaining: () => (asked++ < late ? Infinity : 0) };
    const state = this.#wrapped(dies === 0 ? Infinity : dies);
    const background = this.#backgrounds[worker % this.#backgrounds.length]!;
    return { ...this.#base, state, deadline, background };
  }

  async quiet(): Promise<void> {
    for (const background of this.#backgrounds) await background.settled();
    for (let still = 0; still < 6; still = this.#underWay === 0 ? still + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
  }

  #wrapped(lives: number): State {
    let calls = 0;
    const wrap =
      (method: keyof State, writing: boolean) =>
      async (...given: unknown[]): Promise<unknown> => {
        this.#underWay++;
        try {
          const { turns, writes } = this.#story;
          for (let rest = turns[this.#call++ % turns.length]!; rest > 0; rest--)
            await new Promise((resolve) => setImmediate(resolve));
          if (++calls > lives) throw new Died('the worker died');
          const fate = writing && !this.healed ? (writes[this.#write++] ?? 'done') : 'done';
          if (fate === 'lost') throw new Died('the write was lost');
          const result = await (this.#state[method] as (...given: unknown[]) => Promise<unknown>)(...given);
          if (fate === 'answer lost') throw new Died('the answer was lost');
          return result;
        } finally {
          this.#underWay--;
        }
      };
    const state: Record<keyof State, unknown> = {
      get: wrap('get', false),
      getMany: wrap('getMany', false),
      query: wrap('query', false),
      write: wrap('write', true),
      transact: wrap('transact', true),
      batch: wrap('batch', true),
    };
    return state as unknown as State;
  }
}

/** Workers die, and a late one gives up at its first conflict. Anything else is a fault. */
function expectedOnly(error: unknown): void {
  if (!(error instanceof Died) && !(error instanceof ConflictPersists)) throw error;
}

class Play {
  readonly #story: Story;
  readonly #base: Context;
  readonly #clock;
  readonly #workers: Workers;
  readonly kind: ErrandKind;
  #present: Set<string>;
  #startsAtStop: number | undefined;

  constructor(told: Story, base: Context, clock: { advance(milliseconds: number): void }) {
    this.#story = told;
    this.#base = base;
    this.#clock = clock;
    this.#workers = new Workers(told, base);
    this.#present = new Set(told.present);
    this.kind = errandKind(told, () => everybody.filter((id) => this.#present.has(id)), told.batch);
  }

  async begin(): Promise<void> {
    const { alarmed, maxConcurrency, maxErrors } = this.#story;
    await this.#alarmSays('OK');
    await beginErrand(
      this.kind,
      {
        targets: everybody.length,
        lasts: 120_000,
        maxConcurrency,
        maxErrors,
        ...(alarmed ? { alarmConfiguration: { Alarms: [{ Name: alarm }] } } : {}),
      },
      this.#base,
    );
  }

  async run(): Promise<void> {
    for (const together of this.#story.times) {
      await Promise.all(together.map((one) => this.#happen(one).catch(expectedOnly)));
      await this.#observe();
    }
  }

  /** The machines are well again, and all the time that the job has passes. */
  async end(): Promise<void> {
    this.#workers.healed = true;
    for (let rest = 80; rest > 0; rest--) {
      this.#clock.advance(10_000);
      await this.#fireTimers();
      await this.#observe();
    }
  }

  async #happen(what: Happening): Promise<void> {
    switch (what.kind) {
      case 'acknowledge':
        return acknowledge(this.kind, what.person, this.#workers.next());
      case 'end':
        if (((await this.#person(what.person))?.starts ?? 0) > 0)
          await endPerson(this.kind, what.person, what.to, this.#workers.next());
        return;
      case 'time':
        this.#clock.advance(what.seconds * 1000);
        await Promise.all([this.#fireTimers(), this.#fireTimers()]);
        return;
      case 'nudge':
        nudgeJob(this.kind, theJob, this.#workers.next());
        return;
      case 'cancel': {
        const context = this.#workers.next();
        await cancelJob(this.kind, theJob, context);
        nudgeJob(this.kind, theJob, context);
        return;
      }
      case 'alarm':
        await this.#alarmSays('ALARM');
        return stopJobsOfAlarm(this.kind, alarm, this.#workers.next());
      case 'leave':
        this.#present.delete(what.person);
        return;
      case 'come':
        this.#present.add(what.person);
        if (this.#story.onePass) await join(this.kind, what.person, this.#workers.next());
    }
  }

  async #alarmSays(value: 'OK' | 'ALARM'): Promise<void> {
    await this.#base.state.transact(
      alarmWrites({
        source: 'aws.cloudwatch',
        detailType: 'CloudWatch Alarm State Change',
        detail: { alarmName: alarm, state: { value } },
      }),
    );
  }

  async #fireTimers(): Promise<void> {
    const handlers = { [this.kind.timerKind]: lookAfter(this.kind) };
    for (const timer of await this.timers())
      if (timer.due <= this.#base.clock.now())
        await fireTimer(timer, handlers, this.#workers.next()).catch(expectedOnly);
    // An operator replays what was given up.
    for (const row of await queryAll<{ timer: Timer }>(this.#base.state, { pk: deadLetterPartition }))
      await this.#base.state.transact([
        { delete: { pk: row.pk, sk: row.sk } },
        scheduleTimer({ ...row.body.timer, due: this.#base.clock.now() }),
      ]);
  }

  /** What must hold at every moment. */
  async #observe(): Promise<void> {
    await this.#workers.quiet();
    const job = await this.job();
    const people = await this.people();
    for (const { personId, starts, ends } of people) {
      expect(starts, `${personId} is started at most once`).toBeLessThanOrEqual(1);
      expect(ends, `${personId} ends at most once`).toBeLessThanOrEqual(1);
    }
    const underWay = people.filter((one) => one.starts > 0 && isOpen(one)).length;
    const limit = maxConcurrencyOf(job.maxConcurrency, job.targetCount === 0 ? Infinity : job.targetCount);
    // Those who join are started whatever the limit: they are not the job's to hold back.
    if (!this.#story.onePass) expect(underWay).toBeLessThanOrEqual(limit);
    const starts = people.reduce((sum, one) => sum + one.starts, 0);
    if (job.stopped || job.cancelRequested) {
      this.#startsAtStop ??= starts;
      expect(starts, 'nothing starts once it was stopped').toBe(this.#startsAtStop);
    }
    if (job.phase === 'done') return;
    const current = (await this.timers()).filter(
      ({ payload }) => (payload as { lookAt?: number }).lookAt === job.lookAt,
    );
    const letters = await queryAll<{ timer: Timer }>(this.#base.state, { pk: deadLetterPartition });
    expect(current.length + letters.length, 'exactly one timer looks after it').toBe(1);
  }

  async job(): Promise<ErrandBody> {
    return (await readJob(this.kind, theJob, this.#base.state))!.body;
  }

  async #person(id: string): Promise<PersonBody | undefined> {
    return (await this.#base.state.get<PersonBody>(personKey(theJob, id)))?.body;
  }

  async people(): Promise<PersonBody[]> {
    return (await queryAll<PersonBody>(this.#base.state, { pk: personKey(theJob, '').pk })).map(({ body }) => body);
  }

  async timers(): Promise<Timer[]> {
    const found: Timer[] = [];
    for (let shard = 0; shard < timerShards; shard++)
      found.push(...(await queryAll<Timer>(this.#base.state, { pk: timerPartition(shard) })).map(({ body }) => body));
    return found;
  }

  async deltas(): Promise<string[]> {
    const found: string[] = [];
    for (let shard = 0; shard < 16; shard++)
      found.push(
        ...(await queryAll(this.#base.state, { pk: deltaPartition(this.kind, theJob, shard) })).map(({ sk }) => sk),
      );
    return found;
  }
}

test(
  'however it goes, every target starts at most once and ends once, and the counters are those of the rows',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const flotilla = testContext();
        try {
          const state = new MemoryState(flotilla.clock);
          const play = new Play(told, { ...flotilla.context, state }, flotilla.clock);
          await play.begin();
          await play.run();
          await play.end();

          const job = await play.job();
          const people = await play.people();
          expect(job.phase).toBe('done');
          expect(people.filter(isOpen)).toEqual([]);
          for (const one of people) expect(one.ends, one.personId).toBe(1);
          const states = Object.fromEntries(
            Object.entries(Object.groupBy(people, (one) => one.state)).map(([name, all]) => [name, all.length]),
          );
          expect(Object.fromEntries(Object.entries(job.tally).filter(([, count]) => count !== 0))).toEqual(states);
          if (told.onePass) {
            expect(job).toMatchObject({ started: people.length, finished: people.length, underWay: 0 });
          } else {
            expect(job.targetCount).toBe(people.length);
            expect(completedCount(job.tally)).toBe(people.length);
            expect(job.ends).toBe(1);
          }
          const errors = people.filter(({ state: ended }) => ended === 'Failed').length;
          if (!told.onePass && errors > maxErrorsOf(told.maxErrors, job.targetCount) && !job.stopped)
            // The last errors came when nothing was left to start.
            expect(people.every(({ starts }) => starts === 1)).toBe(true);
          expect(await play.deltas()).toEqual([]);
          expect(await play.timers()).toEqual([]);
        } finally {
          await flotilla.close();
        }
      }),
      { numRuns: Number(process.env.FLOTILLA_RUNS ?? 150) },
    );
  },
);
