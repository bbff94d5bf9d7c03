import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MalformedReply,
  mergeStep,
  parseReply,
  type StepReport,
} from '../../../../functions/node-tools/run-command/reply.ts';
import { isForward, openStates, type InvocationState } from '../../../../functions/node-tools/run-command/states.ts';
import type { StepBody } from '../../../../functions/node-tools/run-command/store.ts';

const stepReport = (changes: object = {}): object => ({
  status: 'Success',
  code: 0,
  name: 'aws:runShellScript',
  output: 'hi\n',
  startDateTime: '2026-01-05T09:00:00.000Z',
  endDateTime: '2026-01-05T09:00:01.500Z',
  outputS3BucketName: '',
  outputS3KeyPrefix: '',
  stepName: '',
  standardOutput: 'hi\n',
  standardError: '',
  ...changes,
});

describe('parseReply', () => {
  test('reads the last reply of a command with one step', () => {
    const reply = parseReply({
      documentStatus: 'Success',
      documentTraceOutput: '',
      runtimeStatus: { run: stepReport() },
    });
    expect(reply.state).toBe('Success');
    expect(reply.steps.get('run')).toEqual({
      state: 'Success',
      responseCode: 0,
      startedAt: Date.UTC(2026, 0, 5, 9),
      finishedAt: Date.UTC(2026, 0, 5, 9, 0, 1, 500),
      output: 'hi\n',
      standardOutput: 'hi\n',
      standardError: '',
      s3Bucket: '',
      s3Prefix: '',
      s3StepName: '',
    });
  });

  test.each([
    ['InProgress', 'InProgress'],
    ['SuccessAndReboot', 'InProgress'],
    ['TimedOut', 'ExecutionTimedOut'],
    ['Cancelled', 'Cancelled'],
    ['Failed', 'Failed'],
  ])('documentStatus %s makes the invocation %s', (status, state) =>
    expect(parseReply({ documentStatus: status, runtimeStatus: null }).state).toBe(state),
  );

  test('the second stream is cut at 8,000 characters, zero times are none', () => {
    const step = parseReply({
      documentStatus: 'InProgress',
      runtimeStatus: { s: stepReport({ standardError: 'e'.repeat(24_000), endDateTime: '0001-01-01T00:00:00Z' }) },
    }).steps.get('s');
    expect(step?.standardError).toHaveLength(8_000);
    expect(step?.finishedAt).toBeUndefined();
  });

  test('whatever a node sends is read or refused, never anything else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({
            documentStatus: fc.constantFrom('Success', 'InProgress', 'Bogus', 3),
            runtimeStatus: fc.jsonValue(),
          }),
        ),
        (payload) => {
          try {
            expect(parseReply(payload).steps).toBeInstanceOf(Map);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedReply);
          }
        },
      ),
    );
  });
});

describe('mergeStep', () => {
  const step = { name: 'run', action: 'aws:runShellScript' };
  const report = (changes: Partial<StepReport>): StepReport => ({
    state: 'InProgress',
    responseCode: -1,
    output: '',
    standardOutput: '',
    standardError: '',
    s3Bucket: '',
    s3Prefix: '',
    s3StepName: '',
    ...changes,
  });

  test('a late InProgress changes nothing of a step that is over', () => {
    const over = mergeStep(
      0,
      step,
      undefined,
      report({ state: 'Success', responseCode: 0, standardOutput: 'all of it' }),
    );
    expect(mergeStep(0, step, over, report({ standardOutput: 'all' }))).toBeUndefined();
  });
  test('a step that is over stays as it ended', () => {
    const failed = mergeStep(0, step, undefined, report({ state: 'Failed', responseCode: 2 }));
    expect(mergeStep(0, step, failed, report({ state: 'Success', responseCode: 0 }))).toBeUndefined();
  });

  test('in any order and number, the same reports leave the same step', () => {
    const reports = [
      report({}),
      report({ standardOutput: 'a' }),
      report({ standardOutput: 'ab' }),
      report({ state: 'Success', responseCode: 0, standardOutput: 'abc' }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray([...reports, ...reports], { minLength: 1 }), (some) => {
        let known: StepBody | undefined;
        for (const one of some) known = mergeStep(0, step, known, one) ?? known;
        const furthest = some.reduce((best, one) => (reports.indexOf(one) > reports.indexOf(best) ? one : best));
        expect(known).toMatchObject({ state: furthest.state, standardOutput: furthest.standardOutput });
      }),
    );
  });
});

test('states only move forward: no sequence of reports leaves an end again', () => {
  const states: InvocationState[] = [
    'Pending',
    'Delayed',
    'InProgress',
    'Cancelling',
    'Success',
    'Failed',
    'Cancelled',
    'DeliveryTimedOut',
    'ExecutionTimedOut',
    'Undeliverable',
    'Terminated',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...states), { minLength: 2 }), (reports) => {
      let state: InvocationState = 'Pending';
      let end: InvocationState | undefined;
      for (const next of reports) {
        if (isForward(state, next)) state = next;
        if (end === undefined && !openStates.includes(state)) end = state;
        if (end !== undefined) expect(state).toBe(end);
      }
    }),
  );
});
