import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServiceBucket } from '../../../functions/files-door/service-bucket.ts';
import { startTimers } from '../../../local/timer-loop.ts';
import { openFilesDoor, type RunningFilesDoor } from '../../support/files-door.ts';

const day = 24 * 3600_000;
let door: RunningFilesDoor;
let bucket: string;
beforeEach(async () => {
  door = await openFilesDoor();
  bucket = door.context.serviceBucket;
});
afterEach(() => door.close());

const keys = async (): Promise<string[]> => (await door.files.list(bucket)).files.map(({ key }) => key);

test('what nodes uploaded goes a day after its command is forgotten; reports stay', async () => {
  const context = { ...door.context, files: door.files };
  await openServiceBucket(context, door.files);
  const loop = startTimers({ state: door.state, handlers: door.door.timers, context });
  for (const key of [
    'output/cmd/mi-1/awsrunShellScript/s/stdout',
    'collected/cmd/mi-1/x/stdout',
    'collected-associations/a/mi-1/stdout',
    'reports/2026/mi-1.csv',
  ])
    await door.files.put(bucket, key, Buffer.from('x'));
  for (let days = 0; days < 31; days++) {
    door.clock.advance(day);
    await loop.idle();
  }
  expect(await keys()).toHaveLength(4);
  for (let days = 0; days < 2; days++) {
    door.clock.advance(day);
    await loop.idle();
  }
  expect(await keys()).toEqual(['reports/2026/mi-1.csv']);
  await loop.stop();
});

test('an operator’s own rules stand over starts', async () => {
  const context = { ...door.context, files: door.files };
  await openServiceBucket(context, door.files);
  const own =
    '<LifecycleConfiguration><Rule><ID>own</ID><Filter><Prefix>output/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>';
  await door.files.buckets.setLifecycle(bucket, own);
  await openServiceBucket(context, door.files);
  expect(await door.files.buckets.lifecycle(bucket)).toBe(own);
});
