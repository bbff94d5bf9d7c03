import { expect, test } from 'vitest';
import { serviceBucketOf } from '../../local/identity.ts';

test("the service's bucket has a name that S3 takes, and a dot, which keeps it out of host names", () => {
  const name = serviceBucketOf({ account: '123456789012', region: 'eu-central-1' });
  expect(name).toBe('flotilla.123456789012.eu-central-1');
  expect(name).toMatch(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
});
