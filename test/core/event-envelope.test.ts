import { expect, test } from 'vitest';
import { envelope, localSource, sourceOnAws } from '../../core/event-envelope.ts';

const event = { id: 'e1', detailType: 'Test', time: 0, resources: [], detail: {} };
const place = { source: localSource, account: '123456789012', region: 'us-east-1' };

test('an event is ours unless it says whose it is', () => {
  expect(envelope(event, place).source).toBe('aws.ssm');
  expect(envelope({ ...event, source: 'aws.cloudwatch' }, place).source).toBe('aws.cloudwatch');
});

test('AWS keeps aws.* to itself: there it is published under Flotilla’s name, others’ under their own', () => {
  expect(sourceOnAws({})).toBe('flotilla.ssm');
  expect(sourceOnAws({ source: 'aws.cloudwatch' })).toBe('flotilla.cloudwatch');
  expect(sourceOnAws({ source: 'com.example' })).toBe('com.example');
});
