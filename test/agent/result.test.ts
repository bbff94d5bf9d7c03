import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentStatus, joinedOutput, outputLimit, reportedStream, statusOfExit, streamLimit, type StepStatus } from '../../agent/result.ts';

test.each([
  [['Success', 'Skipped'], 'Success'],
  [['Success', 'Failed', 'TimedOut'], 'Failed'],
  [['TimedOut', 'Cancelled'], 'TimedOut'],
  [['Success', 'Cancelled'], 'Cancelled'],
  [['Failed', 'SuccessAndReboot'], 'SuccessAndReboot'],
  [['Success', 'InProgress'], 'InProgress'],
] as [StepStatus[], string][])('%j together are %s', (statuses, expected) => expect(documentStatus(statuses.map((status) => ({ status })))).toBe(expected));

test.each([
  [0, 'Success'],
  [1, 'Failed'],
  [137, 'TimedOut'],
  [168, 'Success'],
  [169, 'Failed'],
  [194, 'SuccessAndReboot'],
  [-1, 'Failed'],
])('exit code %i is %s', (code, status) => expect(statusOfExit(code)).toBe(status));

describe('outputs', () => {
  test('a stream of 24,000 characters is whole, one more is cut and marked', () => {
    expect(reportedStream('x'.repeat(streamLimit))).toHaveLength(streamLimit);
    expect(reportedStream('x'.repeat(streamLimit + 1))).toBe(`${'x'.repeat(streamLimit)}--output truncated--`);
  });
  test('both streams are told apart', () => expect(joinedOutput('out', 'err')).toBe('out\n----------ERROR-------\nerr'));
  test('an error without output is the message', () => expect(joinedOutput('', '', 'it broke')).toBe('it broke'));
  test('never more than 2,500 characters, and as much as fits', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (out, error) => {
        const joined = joinedOutput('o'.repeat(out), 'e'.repeat(error));
        expect(joined.length).toBeLessThanOrEqual(outputLimit);
        if (out + error + 30 < outputLimit) expect(joined).not.toContain('truncated');
        if (error > 0) expect(joined).toContain('ERROR');
      }),
    );
  });
});
