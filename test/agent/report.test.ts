import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame } from '../../core/agent-protocol/frame.ts';
import { fitting, largestReply } from '../../agent/job.ts';
import { report } from '../../agent/report.ts';
import { streamLimit, type StepResult } from '../../agent/result.ts';

const reporter = { agentVersion: '1.2.3.4', now: Date.UTC(2026, 0, 5) };
const result = (standardOutput: string, standardError = ''): StepResult => ({
  status: 'Success',
  code: 0,
  standardOutput,
  standardError,
  startedAt: 0,
  finishedAt: 1,
});
const make = (one: StepResult): object =>
  report('Success', [{ name: 's', action: 'aws:runShellScript', result: one }], [one], reporter);

test.each([
  ['plain text is told whole', 'x', true],
  ['control characters, six bytes each in JSON and more in JSON within JSON', '\u0001', false],
  ['characters of three bytes', '字', false],
  ['quotes, that are escaped twice', '"', false],
])('%s', (_name, character, whole) => {
  const content = fitting(make, result(character.repeat(streamLimit), character.repeat(streamLimit)));
  expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThanOrEqual(largestReply);
  const step = (JSON.parse(content) as { runtimeStatus: { s: { standardOutput: string } } }).runtimeStatus.s;
  expect(step.standardOutput.startsWith(character)).toBe(true);
  expect(step.standardOutput.length === streamLimit).toBe(whole);
  // With all around it the frame is one that the gateway takes.
  const payload = Buffer.from(
    JSON.stringify({
      schemaVersion: 1,
      jobId: `aws.ssm.${'c'.repeat(36)}.mi-${'0'.repeat(17)}`,
      content,
      topic: 'aws.ssm.sendCommand',
    }),
  );
  expect(
    encodeFrame({
      messageType: 'agent_job_reply',
      messageId: '73742fea-eea6-40e5-8d71-92be2de140c9',
      createdDate: 1,
      payload,
    }).length,
  ).toBeLessThan(142_000);
});

test('whatever a script prints, the reply fits', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 600 }),
      (unit, times) => {
        const text = unit.repeat(times).slice(0, streamLimit);
        expect(Buffer.byteLength(JSON.stringify(fitting(make, result(text, text))))).toBeLessThanOrEqual(largestReply);
      },
    ),
    { numRuns: 60 },
  );
});

test('the counts are of all steps, the results of those told', () => {
  expect(report('InProgress', [], [result(''), { ...result(''), status: 'Failed' }], reporter)).toMatchObject({
    documentStatus: 'InProgress',
    runtimeStatus: {},
    additionalInfo: { runtimeStatusCounts: { Success: 1, Failed: 1 } },
  });
  expect(report('InProgress', null, [], reporter)).toMatchObject({
    runtimeStatus: null,
    additionalInfo: { runtimeStatusCounts: null },
  });
});
