/**
 * Runs V8's RegExp in a thread. A match may need exponential time, so each has a time budget, and callers take turns: a
 * caller who sends only slow patterns delays another one by one slice.
 */
import { Worker } from 'node:worker_threads';
import { FairQueue } from './fair-queue.ts';
import type { Translated } from './translate.ts';

export type Verdict = 'match' | 'mismatch' | 'unjudged';

/**
 * Milliseconds. Most matches end within the first slice. The others wait for their next turn and then get the long
 * slice.
 */
const slices = { first: 5, last: 50 } as const;
/** A slice in which the thread got less than half of its time on a processor is repeated, at most this many times. */
const mostRepeats = 5;
/** Milliseconds within which a match must have begun. */
const longestWait = 10_000;
/** Milliseconds after which a thread that does not answer is ended. */
const lost = 5_000;

interface Job {
  readonly caller: string;
  readonly pattern: Pick<Translated, 'source' | 'flags'>;
  readonly text: string;
  readonly since: number;
  readonly slice: keyof typeof slices;
  readonly repeats: number;
  readonly resolve: (verdict: Verdict) => void;
}

/** The thread's answer for a slice. */
interface Answer {
  readonly verdict: Verdict | 'out of time';
  /** Milliseconds of processor time. */
  readonly used: number;
}

/**
 * The thread's code. It is a string because a Lambda bundle is one file. It runs the match in a new vm context, because
 * only such a script can be interrupted without ending the thread.
 */
const code = `
const { parentPort } = require('node:worker_threads');
const { createContext, Script } = require('node:vm');
const question = createContext({ source: '', flags: '', text: '' });
const script = new Script('new RegExp(source, flags).test(text)');
const used = () => {
  if (process.threadCpuUsage === undefined) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
parentPort.on('message', ({ source, flags, text, timeout }) => {
  Object.assign(question, { source, flags, text });
  const before = used();
  let verdict;
  try {
    verdict = script.runInContext(question, { timeout }) ? 'match' : 'mismatch';
  } catch (error) {
    verdict = error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? 'out of time' : 'unjudged';
  }
  question.text = '';
  parentPort.postMessage({ verdict, used: used() - before });
});
`;

/** One thread, started with the first match and then reused. It keeps the process alive only while somebody waits. */
export class BacktrackingThread {
  readonly #queue = new FairQueue<Job>();
  #worker: Worker | undefined;
  #busy = false;
  /** Ends the current slice. */
  #end: ((answer?: Answer) => void) | undefined;

  /**
   * Never rejects. `unjudged`: no answer within the budget.
   * @param caller who takes turns with other callers: an ARN
   */
  match(pattern: Pick<Translated, 'source' | 'flags'>, text: string, caller: string): Promise<Verdict> {
    return new Promise((resolve) => {
      const since = performance.now();
      this.#queue.add(caller, { caller, pattern, text, since, slice: 'first', repeats: 0, resolve });
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let job = this.#queue.take(); job !== undefined; job = this.#queue.take()) {
      const late = performance.now() - job.since > longestWait;
      const { verdict, used } = (late ? undefined : await this.#ask(job)) ?? { verdict: 'unjudged', used: 0 };
      const next = verdict === 'out of time' ? nextTry(job, used) : undefined;
      if (next !== undefined) this.#queue.add(job.caller, next);
      else job.resolve(verdict === 'out of time' ? 'unjudged' : verdict);
    }
    this.#busy = false;
  }

  /** `undefined`: the thread ended without an answer. */
  #ask({ pattern: { source, flags }, text, slice }: Job): Promise<Answer | undefined> {
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve) => {
      // After a process was frozen, both the timer is over and the answer is there: the answer counts.
      const timer = setTimeout(() => setImmediate(() => this.#end?.()), lost);
      this.#end = (answer) => {
        this.#end = undefined;
        clearTimeout(timer);
        worker.unref();
        if (answer === undefined) {
          this.#worker = undefined;
          void worker.terminate();
        }
        resolve(answer);
      };
      worker.ref();
      worker.postMessage({ source, flags, text, timeout: slices[slice] });
    });
  }

  #start(): Worker {
    const worker = new Worker(code, {
      eval: true,
      name: 'patterns',
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 },
    });
    const lostNow = (): void => {
      // This thread was ended, so it is no longer used.
      if (worker === this.#worker) this.#end?.();
    };
    worker.on('message', (answer: Answer) => this.#end?.(answer));
    worker.on('error', lostNow);
    worker.on('exit', lostNow);
    return worker;
  }
}

/** The next try of a job that ran out of time; `undefined` where it had all of its time. */
function nextTry(job: Job, used: number): Job | undefined {
  if (used < slices[job.slice] / 2) return job.repeats < mostRepeats ? { ...job, repeats: job.repeats + 1 } : undefined;
  return job.slice === 'first' ? { ...job, slice: 'last' } : undefined;
}
