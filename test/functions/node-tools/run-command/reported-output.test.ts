import { expect, test } from 'vitest';
import {
  isReportedWhole,
  isUncut,
  reportedText,
} from '../../../../functions/node-tools/run-command/reported-output.ts';
import { isToldWhole, reportedStream, streamLimit, type StepResult } from '../../../../agent/result.ts';
import { parseReply } from '../../../../functions/node-tools/run-command/reply.ts';
import { report } from '../../../../agent/report.ts';

/** What the server keeps of what the agent says of these streams. */
function kept(
  standardOutput: string,
  standardError = '',
): { standardOutput: string; standardError: string; state: 'Success' } {
  const result: StepResult = {
    status: 'Success',
    code: 0,
    standardOutput: reportedStream(standardOutput),
    standardError: reportedStream(standardError),
    startedAt: 0,
    finishedAt: 1,
  };
  const { standardOutput: out, standardError: error } = parseReply(
    JSON.parse(
      JSON.stringify(report('Success', [{ name: 's', action: 'a', result }], [result], { agentVersion: '1', now: 0 })),
    ),
  ).steps.get('s')!;
  return { standardOutput: out, standardError: error, state: 'Success' };
}

test('what fits is told whole; what does not has no mark in it, and is known to be cut', () => {
  const short = kept('out\n', 'err\n');
  expect([
    reportedText(short, 'stdout'),
    reportedText(short, 'stderr'),
    isReportedWhole(short, 'stdout'),
    isReportedWhole(short, 'stderr'),
  ]).toEqual(['out\n', 'err\n', true, true]);
  const long = kept('x'.repeat(streamLimit + 1), 'e'.repeat(9_000));
  expect(reportedText(long, 'stdout')).toMatch(/^x{23900,23999}$/);
  expect(reportedText(long, 'stderr')).toBe('e'.repeat(8_000));
  expect([isUncut(long, 'stdout'), isUncut(long, 'stderr')]).toEqual([false, false]);
});

test('while a step runs nothing is told whole', () => {
  expect(isReportedWhole({ ...kept('out'), state: 'InProgress' }, 'stdout')).toBe(false);
});

test('the agent uploads exactly what the server would not have whole', () => {
  const cases: [string, string][] = [
    ['', ''],
    ['x', 'y'],
    ['x'.repeat(24_000), ''],
    ['x'.repeat(24_001), ''],
    ['', 'x'.repeat(7_999)],
    ['', 'x'.repeat(8_001)],
    ['\u0001'.repeat(20_000), ''],
    ['字'.repeat(24_000), ''],
    ['\uFFFD', ''],
  ];
  for (const [out, error] of cases) {
    const result = { standardOutput: reportedStream(out), standardError: reportedStream(error) };
    const server = kept(out, error);
    if (isToldWhole(result))
      expect([
        reportedText(server, 'stdout'),
        reportedText(server, 'stderr'),
        isReportedWhole(server, 'stdout'),
        isReportedWhole(server, 'stderr'),
      ]).toEqual([out, error, true, true]);
  }
  expect(
    cases.map(([out, error]) =>
      isToldWhole({ standardOutput: reportedStream(out), standardError: reportedStream(error) }),
    ),
  ).toEqual([true, true, true, false, true, false, false, true, false]);
});
