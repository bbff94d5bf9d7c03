/** What Lambda gives up on becomes a dead letter, and goes out again as it came. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceOnAws } from '../../../core/event-envelope.ts';
import { listDeadLetters, replayDeadLetter } from '../../../functions/clock/dead-letters.ts';
import { handler, type FailedInvocation } from '../../../functions/clock/keep-dead-letter.ts';
import { startDispatcher } from '../../../local/dispatcher.ts';
import { testContext, type TestContext } from '../../support/context.ts';
import { recordingRoute } from '../../support/recording-route.ts';

let flotilla: TestContext;
beforeEach(() => {
  flotilla = testContext();
});
afterEach(() => flotilla.close());

const failed = (source: string): FailedInvocation => ({
  timestamp: '2026-01-05T09:00:00Z',
  requestContext: {
    requestId: '3f8a2a70-0000-4000-8000-000000000001',
    functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:flotilla-test-stop-commands-on-alarm:$LATEST',
    condition: 'RetriesExhausted',
    approximateInvokeCount: 3,
  },
  requestPayload: {
    version: '0',
    id: 'e1',
    'detail-type': 'CloudWatch Alarm State Change',
    source,
    account: '123456789012',
    time: '2026-01-05T09:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail: { alarmName: 'error-rate' },
  },
});

// The third is one that was posted to us; the last ones are ours and AWS Systems Manager's, which are alike to a route.
test.each([
  ['aws.cloudwatch', 'aws.cloudwatch', 'flotilla.cloudwatch'],
  ['com.example.shop', 'com.example.shop', 'com.example.shop'],
  ['flotilla.cloudwatch', 'aws.cloudwatch', 'flotilla.cloudwatch'],
  ['flotilla.ssm', 'aws.ssm', 'flotilla.ssm'],
  ['aws.ssm', 'aws.ssm', 'flotilla.ssm'],
])('an event of %s is replayed to the routes of %s, on AWS as %s', async (source, replayedAs, onAws) => {
  await handler(failed(source), flotilla.context);
  const {
    DeadLetters: [letter],
  } = await listDeadLetters(flotilla.context);
  const { events, route } = recordingRoute({
    detailTypes: ['CloudWatch Alarm State Change'],
    ...(replayedAs === 'aws.ssm' ? {} : { source: replayedAs as 'aws.cloudwatch' }),
  });
  const dispatcher = startDispatcher({
    context: flotilla.context,
    state: flotilla.state,
    routes: [route],
    load: () => Promise.reject(new Error()),
  });
  await replayDeadLetter(letter!.Id, flotilla.context);
  await dispatcher.idle();
  expect(events).toMatchObject([{ id: 'e1', source: replayedAs }]);
  expect(sourceOnAws(events[0]!)).toBe(onAws);
  await dispatcher.stop();
});
