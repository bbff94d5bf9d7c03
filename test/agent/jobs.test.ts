/** The commands of a node with real shells, a real disk and a wire that the test reads. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Jobs, ackCodes, type JobsParts } from '../../agent/jobs.ts';
import { Journal } from '../../agent/journal.ts';
import { Orchestration } from '../../agent/orchestration.ts';
import { describePlatform } from '../../agent/platform.ts';
import { plugins } from '../../agent/plugins/index.ts';
import { Replies } from '../../agent/replies.ts';
import { silentLog } from '../../core/log.ts';
import { eventually } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
let parts: JobsParts;
let jobs: Jobs;
/** The reports by job, in the order in which they went out. */
let told: Map<string, Report[]>;
let reboots: number;

interface Report {
  readonly documentStatus: string;
  readonly documentTraceOutput: string;
  readonly runtimeStatus: Record<
    string,
    { status: string; code: number; standardOutput: string; standardError: string }
  > | null;
}

beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
  told = new Map();
  reboots = 0;
  begin();
});
afterEach(async () => {
  await jobs.stop();
  parts.replies.stop();
  remove();
});

/** A life of the agent on this folder; the one before is as good as killed. */
function begin(more: Partial<JobsParts> = {}): void {
  const replies = new Replies(path.join(folder, 'replies'), silentLog);
  replies.through(async ({ jobId, content }) => {
    told.set(jobId, [...(told.get(jobId) ?? []), JSON.parse(content) as Report]);
    return 'acknowledged';
  });
  parts = {
    service: { registration: { nodeId: 'mi-1', region: 'us-east-1' } } as never,
    platform: describePlatform(),
    log: silentLog,
    plugins,
    agent: {} as never,
    agentVersion: '1.2.3.4',
    orchestration: new Orchestration(path.join(folder, 'orchestration')),
    mayReboot: false,
    journal: new Journal(path.join(folder, 'commands')),
    replies,
    reboot: async () => void reboots++,
    ...more,
  };
  jobs = new Jobs(parts);
}

const jobOf = (id: string): string => `aws.ssm.${id}.mi-1`;
const content = (id: string, ...lines: string[]): string =>
  JSON.stringify({
    CommandId: id,
    DocumentName: 'd',
    Parameters: {},
    DocumentContent: {
      schemaVersion: '2.2',
      mainSteps: lines.map((line, place) => ({
        action: 'aws:runShellScript',
        name: `s${place}`,
        inputs: { runCommand: [line] },
      })),
    },
  });
const take = (id: string, ...lines: string[]): string =>
  jobs.take(jobOf(id), 'aws.ssm.sendCommand.us-east-1.mi-1', content(id, ...lines));
const cancel = (id: string): string =>
  jobs.take('aws.ssm.x.mi-1', 'aws.ssm.cancelCommand.us-east-1.mi-1', JSON.stringify({ CancelMessageId: jobOf(id) }));
const last = (id: string): Report | undefined => told.get(jobOf(id))?.at(-1);
const ended = (id: string): Promise<Report> =>
  eventually(
    `the end of ${id}`,
    () => (['InProgress', undefined].includes(last(id)?.documentStatus) ? undefined : last(id)),
    15_000,
  );

test('first in progress, then a report for each step, then the end', async () => {
  expect(take('c1', 'echo a', 'echo b')).toBe(ackCodes.taken);
  await ended('c1');
  expect(
    told
      .get(jobOf('c1'))!
      .map((report) => [
        report.documentStatus,
        report.runtimeStatus === null ? null : Object.keys(report.runtimeStatus),
      ]),
  ).toEqual([
    ['InProgress', null],
    ['InProgress', ['s0']],
    ['InProgress', ['s1']],
    ['Success', []],
  ]);
});

test('a command is taken once: while it runs, when it has ended, and after a restart', async () => {
  const runs = path.join(folder, 'runs');
  expect(take('c1', `echo x >> ${runs}; sleep 0.3`)).toBe(ackCodes.taken);
  expect(take('c1', `echo x >> ${runs}`)).toBe(ackCodes.duplicate);
  await ended('c1');
  expect(take('c1', `echo x >> ${runs}`)).toBe(ackCodes.duplicate);
  begin();
  jobs.resume();
  expect(take('c1', `echo x >> ${runs}`)).toBe(ackCodes.duplicate);
  expect(readFileSync(runs, 'utf8')).toBe('x\n');
});

test('five run, five wait, the eleventh is refused; one that is cancelled while it waits says so at once', async () => {
  const go = path.join(folder, 'go');
  const begun = path.join(folder, 'begun');
  mkdirSync(begun);
  for (let place = 0; place < 10; place++)
    expect(take(`c${place}`, `touch ${begun}/${place}; while [ ! -e ${go} ]; do sleep 0.05; done`)).toBe(
      ackCodes.taken,
    );
  expect(take('c10', 'true')).toBe(ackCodes.bufferFull);
  await eventually('five to begin', () => (existsSync(`${begun}/4`) ? true : undefined));
  cancel('c7');
  expect((await ended('c7')).runtimeStatus!.s0).toMatchObject({ status: 'Cancelled', code: 1 });
  expect(existsSync(`${begun}/5`)).toBe(false);
  expect(take('c10', 'true')).toBe(ackCodes.taken);
  writeFileSync(go, '');
  for (const id of ['c0', 'c5', 'c9', 'c10']) expect((await ended(id)).documentStatus).toBe('Success');
  expect(existsSync(`${begun}/7`)).toBe(false);
});

test('what cannot be read, or is of another kind, is answered with the code for it', async () => {
  expect(jobs.take('aws.ssm.odd.mi-1', 'aws.ssm.sendCommand.r.mi-1', '{')).toBe(ackCodes.unreadable);
  expect(jobs.take('aws.ssm.odd.mi-1', 'aws.ssm.sendCommand.r.mi-1', '{"CommandId":"../../etc/x"}')).toBe(
    ackCodes.unreadable,
  );
  expect(jobs.take('aws.ssm.odd.mi-1', 'aws.ssm.elsewhere', '{}')).toBe(ackCodes.unexpectedType);
  expect(await ended('odd')).toMatchObject({ documentStatus: 'Failed' });
});

test('a document that cannot be run fails with the reason', async () => {
  jobs.take(
    jobOf('c1'),
    'aws.ssm.sendCommand',
    JSON.stringify({ CommandId: 'c1', DocumentContent: { schemaVersion: '9.9' } }),
  );
  expect(await ended('c1')).toMatchObject({
    documentStatus: 'Failed',
    documentTraceOutput: expect.stringMatching(/9\.9/) as string,
  });
});

test('a stop cancels what runs and takes nothing more', async () => {
  take('c1', 'sleep 60');
  await jobs.stop();
  expect((await ended('c1')).documentStatus).toBe('Cancelled');
  expect(take('c2', 'true')).toBe(ackCodes.closed);
});

describe('after a crash', () => {
  test('what was taken has failed, and never runs again', async () => {
    parts.journal.take({ commandId: 'c1', jobId: jobOf('c1'), payload: content('c1', 'true') });
    begin();
    jobs.resume();
    expect(await ended('c1')).toMatchObject({
      documentStatus: 'Failed',
      documentTraceOutput: expect.stringMatching(/ended while this command was running/) as string,
    });
    expect(take('c1', 'true')).toBe(ackCodes.duplicate);
  });

  test('an end that is on the disk is the end, even if the journal does not say so', async () => {
    parts.replies.through(async () => 'unsent');
    parts.journal.take({ commandId: 'c1', jobId: jobOf('c1'), payload: content('c1', 'true') });
    parts.replies.save({ jobId: jobOf('c1'), final: true, content: JSON.stringify({ documentStatus: 'Success' }) });
    begin();
    jobs.resume();
    await ended('c1');
    expect(told.get(jobOf('c1'))).toEqual([{ documentStatus: 'Success' }]);
  });

  test('an entry that cannot be read any more still keeps its command from running twice', () => {
    parts.journal.take({ commandId: 'c1', jobId: jobOf('c1'), payload: '' });
    writeFileSync(path.join(folder, 'commands', 'c1.json'), '{"comm');
    begin();
    jobs.resume();
    expect(take('c1', 'true')).toBe(ackCodes.duplicate);
  });
});

describe('on a disk that takes nothing', () => {
  test('nothing is run, and it may come again', async () => {
    const ran = path.join(folder, 'ran');
    rmSync(path.join(folder, 'commands'), { recursive: true });
    expect(take('c1', `touch ${ran}`)).toBe(ackCodes.bufferFull);
    mkdirSync(path.join(folder, 'commands'));
    expect(take('c1', `touch ${ran}`)).toBe(ackCodes.taken);
    expect((await ended('c1')).documentStatus).toBe('Success');
  });

  test('a command that runs already comes to its real end', async () => {
    const go = path.join(folder, 'go');
    take('c1', `while [ ! -e ${go} ]; do sleep 0.05; done; echo through`);
    rmSync(path.join(folder, 'commands'), { recursive: true });
    rmSync(path.join(folder, 'replies'), { recursive: true });
    writeFileSync(go, '');
    expect((await ended('c1')).runtimeStatus!.s0).toMatchObject({ status: 'Success', standardOutput: 'through\n' });
  });
});

describe('exit code 194', () => {
  test('not as a service: says what it would do', async () => {
    take('c1', 'exit 194');
    expect((await ended('c1')).runtimeStatus!.s0).toMatchObject({
      status: 'Failed',
      code: 194,
      standardError: expect.stringMatching(/not installed as a service/) as string,
    });
    expect(reboots).toBe(0);
  });

  test('as a service: reboots, takes nothing meanwhile, and runs the same step again afterwards', async () => {
    begin({ mayReboot: true });
    const booted = path.join(folder, 'booted');
    const firsts = path.join(folder, 'firsts');
    take('c1', `echo x >> ${firsts}`, `[ -e ${booted} ] && exit 0; touch ${booted}; exit 194`, 'echo after');
    await eventually('the reboot', () => (reboots === 1 ? true : undefined));
    expect(last('c1')!.documentStatus).toBe('SuccessAndReboot');
    expect(take('c2', 'true')).toBe(ackCodes.closed);
    // The agent alone was started anew: the machine is asked once more.
    begin({ mayReboot: true });
    jobs.resume();
    await eventually('the reboot, asked for again', () => (reboots === 2 ? true : undefined));
    // The machine has been.
    const entry = path.join(folder, 'commands', 'c1.json');
    writeFileSync(
      entry,
      JSON.stringify({ ...(JSON.parse(readFileSync(entry, 'utf8')) as object), bootId: 'the one before' }),
    );
    begin({ mayReboot: true });
    jobs.resume();
    await eventually('the end', () => (last('c1')?.documentStatus === 'Success' ? true : undefined));
    expect(readFileSync(firsts, 'utf8')).toBe('x\n');
  });

  test('a machine that cannot be rebooted is told of', async () => {
    begin({
      mayReboot: true,
      reboot: async () => {
        throw new Error('no shutdown here');
      },
    });
    take('c1', 'exit 194');
    await eventually('the failure', () => (last('c1')?.documentStatus === 'Failed' ? true : undefined));
    expect(last('c1')!.documentTraceOutput).toMatch(/no shutdown here/);
    expect(take('c2', 'true')).toBe(ackCodes.taken);
    await ended('c2');
  });
});
