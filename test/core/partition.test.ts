import { expect, test } from 'vitest';
import { documentArn, nodeArn } from '../../core/arns.ts';
import { partitionOf } from '../../core/partition.ts';

test.each([
  ['us-east-1', 'aws', 'amazonaws.com'],
  ['eu-central-1', 'aws', 'amazonaws.com'],
  ['cn-north-1', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com'],
  ['us-iso-east-1', 'aws-iso', 'c2s.ic.gov'],
  ['us-isob-east-1', 'aws-iso-b', 'sc2s.sgov.gov'],
])('%s is of %s, where hosts end with %s', (region, name, dnsSuffix) => {
  expect(partitionOf(region)).toEqual({ name, dnsSuffix });
});

test('ARNs are of the Region’s partition', () => {
  const place = { account: '123456789012', region: 'cn-north-1' };
  expect(nodeArn(place, 'mi-1')).toBe('arn:aws-cn:ssm:cn-north-1:123456789012:managed-instance/mi-1');
  expect(nodeArn(place, 'i-1')).toBe('arn:aws-cn:ec2:cn-north-1:123456789012:instance/i-1');
  expect(documentArn(place, 'Restart', place.account)).toBe('arn:aws-cn:ssm:cn-north-1:123456789012:document/Restart');
});
