/** What the wrapper of Lambda entries writes to the log. */
import type { Context as LambdaContext, SQSEvent } from 'aws-lambda';
import { afterEach, expect, test, vi } from 'vitest';
import { variables } from '../../aws/environment.ts';
import { queueEntry } from '../../aws/lambda.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('every line about a message of a queue has the message’s id', async () => {
  for (const name of Object.values(variables)) vi.stubEnv(name, name === variables.account ? '123456789012' : 'x');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_TRACE_ENABLED', 'false');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  // Powertools writes by this process's console then.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  const lines: { readonly message: string; readonly messageId?: string }[] = [];
  for (const method of ['info', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(JSON.parse(line) as never));

  const handler = queueEntry('fire-timers', async ({ fails }: { readonly fails: boolean }, { log }) => {
    log.info('at work');
    if (fails) throw new Error('no');
  });
  const event = {
    Records: [
      { messageId: 'm-1', body: '{"fails":false}' },
      { messageId: 'm-2', body: '{"fails":true}' },
    ],
  } as SQSEvent;
  expect(await handler(event, { functionName: 'fire-timers' } as LambdaContext)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm-2' }],
  });
  expect(lines.map(({ message, messageId }) => [message, messageId])).toEqual([
    ['at work', 'm-1'],
    ['at work', 'm-2'],
    ['a message failed', 'm-2'],
  ]);
});
