import { expect, test } from 'vitest';
import { isoDuration, isoTime, outputUrl } from '../../../../functions/node-tools/run-command/output.ts';
import type { StepBody } from '../../../../functions/node-tools/run-command/store.ts';

const step = (changes: Partial<StepBody>): StepBody => ({
  name: 'run',
  action: 'aws:runShellScript',
  place: 0,
  state: 'Success',
  responseCode: 0,
  output: '',
  standardOutput: '',
  standardError: '',
  s3Bucket: 'outputs',
  s3Prefix: 'runs/c/mi-1/awsrunShellScript',
  s3StepName: '0.awsrunShellScript',
  ...changes,
});

test('a stream’s object is where buckets are: at our own door, or at S3', () => {
  expect(outputUrl('http://127.0.0.1:8555', step({}), 'stdout')).toBe(
    'http://127.0.0.1:8555/outputs/runs/c/mi-1/awsrunShellScript/0.awsrunShellScript/stdout',
  );
  expect(outputUrl('https://s3.us-east-2.amazonaws.com', step({ s3StepName: '' }), 'stderr')).toBe(
    'https://s3.us-east-2.amazonaws.com/outputs/runs/c/mi-1/awsrunShellScript/run/stderr',
  );
});

test('without a bucket, and before there is a result, there is none', () => {
  expect(outputUrl('http://x', step({ s3Bucket: '' }), 'stdout')).toBe('');
  expect(outputUrl('http://x', undefined, 'stdout')).toBe('');
});

test('times and durations are ISO 8601, and empty for what has not happened', () => {
  expect([isoTime(undefined), isoTime(Date.UTC(2026, 0, 5, 9))]).toEqual(['', '2026-01-05T09:00:00.000Z']);
  expect([isoDuration(1, undefined), isoDuration(1_000, 1_004), isoDuration(0, 300_000), isoDuration(5, 1)]).toEqual([
    '',
    'PT0.004S',
    'PT300S',
    'PT0S',
  ]);
});
