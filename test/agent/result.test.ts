import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  documentStatus,
  joinedOutput,
  outputLimit,
  reportedStream,
  statusOfExit,
  streamLimit,
  type StepStatus,
} from '../../agent/result.ts';

test.each([
  [['Success', 'Skipped'], 'Success'],
  [['Success', 'Failed', 'TimedOut'], 'Failed'],
  [['TimedOut', 'Cancelled'], 'TimedOut'],
  [['Success', 'Cancelled'], 'Cancelled'],
  [['Failed', 'SuccessAndReboot'], 'SuccessAndReboot'],
  [['Success', 'InProgress'], 'InProgress'],
] as [StepStatus[], string][])('%j together are %s', (statuses, expected) =>
  expect(documentStatus(statuses.map((status) => ({ status })))).toBe(expected),
);

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
  test('a stream of 24,000 characters is whole, one more is cut to as many, the mark included', () => {
    expect(reportedStream('x'.repeat(streamLimit))).toBe('x'.repeat(streamLimit));
    const cut = reportedStream('x'.repeat(streamLimit + 1));
    expect(cut).toHaveLength(streamLimit);
    expect(cut).toMatch(/^x+--output truncated--$/);
  });
  test('a cut goes through no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 20, max: 60 }), (text, limit) => {
        const cut = reportedStream(text, limit);
        expect(cut.length).toBeLessThanOrEqual(Math.max(limit, 0));
        if (text.isWellFormed()) expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });
  test('both streams are told apart', () =>
    expect(joinedOutput('out', 'err')).toBe('out\n----------ERROR-------\nerr'));
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
