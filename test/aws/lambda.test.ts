/** The wrapper of Lambda entries, called as Lambda calls it: what it waits for, what it logs. AWS is never reached. */
import type { Context as LambdaContext, SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { variables } from '../../aws/environment.ts';
import type { AwsContext } from '../../aws/context.ts';
import type * as Lambda from '../../aws/lambda.ts';
import { keepDeadLetter, notStored } from '../../core/dead-letters.ts';
import { StateLimitExceeded, type State } from '../../core/state.ts';

let lines: Record<string, unknown>[];
let lambda: typeof Lambda;
beforeEach(async () => {
  lines = [];
  for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    });
  const environment: Record<string, string> = {
    AWS_REGION: 'us-east-1',
    // Nobody listens there.
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POWERTOOLS_TRACE_ENABLED: 'false',
    POWERTOOLS_DEV: 'true',
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
  for (const name of Object.values(variables)) environment[name] = 'x';
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  lambda = await import('../../aws/lambda.ts');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** @param left milliseconds until Lambda would end the function */
function invocation(left = 60_000): LambdaContext {
  const end = performance.now() + left;
  return {
    awsRequestId: 'request',
    functionName: 'flotilla-test',
    functionVersion: '$LATEST',
    memoryLimitInMB: '512',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:flotilla-test',
    getRemainingTimeInMillis: () => end - performance.now(),
  } as unknown as LambdaContext;
}
const messages = (...bodies: object[]): SQSEvent =>
  ({ Records: bodies.map((body, place) => ({ messageId: `m${place}`, body: JSON.stringify(body) })) }) as SQSEvent;

test('every line of a message’s work has the message’s id, whatever else the work adds', async () => {
  const handler = lambda.queueEntry('fire-timers', async ({ n }: { readonly n: number }, { log }) => {
    log.with({ timer: `t${n}` }).warn('at work');
    if (n === 1) throw new Error('no');
  });
  expect(await handler(messages({ n: 0 }, { n: 1 }), invocation())).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }],
  });
  expect(lines.filter(({ message }) => message === 'at work')).toMatchObject([
    { messageId: 'm0', timer: 't0' },
    { messageId: 'm1', timer: 't1' },
  ]);
  expect(lines).toContainEqual(expect.objectContaining({ message: 'a message failed', messageId: 'm1' }));
});

test('an answer waits for work in the background, done again where it was asked for again', async () => {
  const done: string[] = [];
  const handler = lambda.entry('api', async (_event: unknown, { background, log }: AwsContext) => {
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      done.push('work');
    };
    background.run('command c', log, work);
    background.run('command c', log, work);
    return 'answer';
  });
  expect(await handler({}, invocation())).toBe('answer');
  expect(done).toEqual(['work', 'work']);
});

test('an answer is not lost for work that does not end in time, and the next call waits for its own work only', async () => {
  const handler = lambda.entry('api', async (event: { readonly hang: boolean }, { background, log }: AwsContext) => {
    background.run('command c', log, () => (event.hang ? new Promise<void>(() => undefined) : Promise.resolve()));
    return 'answer';
  });
  expect(await handler({ hang: true }, invocation(2_100))).toBe('answer');
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'work in the background takes too long; its timer will do it' }),
  );
  expect(await handler({ hang: false }, invocation())).toBe('answer');
});

test('a dead letter that cannot be stored is a line of the log with all of it, and counts as a metric', async () => {
  const state = { write: () => Promise.reject(new StateLimitExceeded('no row holds it')) } as unknown as State;
  const event = { id: 'e', detailType: 'Test', time: 0, resources: [], detail: { text: 'all of it' } };
  const letter = { kind: 'event', id: 'l', route: 'r', event, failedAt: 0, attempts: 1, error: 'no' } as const;
  const handler = lambda.entry('publish-changes', (_event: unknown, { log }: AwsContext) =>
    keepDeadLetter(letter, { state, log }),
  );
  await handler({}, invocation());
  const line = lines.find(({ message }) => message === notStored);
  expect(JSON.parse(line?.['text'] as string)).toEqual(event);
  expect(lines.some((metrics) => metrics['DeadLetterNotStored'] !== undefined)).toBe(true);
});
