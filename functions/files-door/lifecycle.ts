/** Lifecycle rules of buckets, and the timer that applies them, once a day at midnight UTC. */
import type { Context } from '../../core/context.ts';
import { ConditionFailed } from '../../core/state.ts';
import { finishTimer, rearmTimer, scheduleTimer, type Timer } from '../../core/timers.ts';
import type { Answer } from './answer.ts';
import { readText } from './body.ts';
import { S3Error } from './errors.ts';
import { isOver, nextMidnight, readLifecycle, type LifecycleRule } from './lifecycle-rules.ts';
import type { ObjectStore, VersionInfo, VersionPage } from './object-store.ts';
import type { DoorContext, S3Request } from './s3-request.ts';
import { allUploads, removeUpload } from './uploads.ts';

export const lifecycleTimer = 'file-lifecycle';

export async function getBucketLifecycle({ bucket }: S3Request, { files }: DoorContext): Promise<Answer> {
  const xml = await files.buckets.lifecycle(bucket);
  if (xml === undefined)
    throw new S3Error('NoSuchLifecycleConfiguration', 404, 'The lifecycle configuration does not exist', {
      BucketName: bucket,
    });
  return { status: 200, headers: {}, xml };
}

export async function putBucketLifecycle(request: S3Request, context: DoorContext): Promise<Answer> {
  await setLifecycle(request.bucket, await readText(request), context);
  return { status: 200, headers: {} };
}

/** @throws S3Error as {@link readLifecycle} */
export async function setLifecycle(
  bucket: string,
  rules: string,
  context: Pick<DoorContext, 'state' | 'clock' | 'files'>,
): Promise<void> {
  readLifecycle(rules);
  // The timer is set first, because rules without a timer would never be applied. There is one for each bucket and day,
  // however often the rules change.
  await context.state.transact([scheduleTimer(nextTimer(bucket, context))]);
  await context.files.buckets.setLifecycle(bucket, rules);
}

export async function deleteBucketLifecycle({ bucket }: S3Request, { files }: DoorContext): Promise<Answer> {
  await files.buckets.setLifecycle(bucket, undefined);
  return { status: 204, headers: {} };
}

function nextTimer(bucket: string, { clock }: Pick<Context, 'clock'>): Timer {
  return {
    id: `${lifecycleTimer}#${bucket}`,
    kind: lifecycleTimer,
    key: bucket,
    due: nextMidnight(clock.now()),
    payload: {},
  };
}

/** Removes what a bucket's rules have expired. A bucket without rules gets no further timer. */
export async function keepLifecycle(timer: Timer, context: DoorContext): Promise<void> {
  const bucket = timer.key;
  const text = (await context.files.bucketExists(bucket)) ? await context.files.buckets.lifecycle(bucket) : undefined;
  if (text === undefined) return context.state.transact([finishTimer(timer)]);
  for (const rule of readLifecycle(text)) if (rule.enabled) await keepRule(bucket, rule, context);
  try {
    await context.state.transact(rearmTimer(timer, nextTimer(bucket, context)));
  } catch (error) {
    // The timer fired twice; the other run has set the next timer.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

async function keepRule(bucket: string, rule: LifecycleRule, { files, clock }: DoorContext): Promise<void> {
  const { prefix, expireDays, noncurrentDays, abortDays } = rule;
  const over = (since: number, days: number): boolean => isOver(since, days, clock.now());
  if (expireDays !== undefined) {
    let startAfter: string | undefined;
    do {
      const page = await files.list(bucket, { prefix, startAfter });
      for (const file of page.files) if (over(file.lastModified, expireDays)) await files.delete(bucket, file.key);
      startAfter = page.next;
    } while (startAfter !== undefined);
  }
  if (noncurrentDays !== undefined)
    await removeOldVersions(bucket, prefix, (since) => over(since, noncurrentDays), files);
  if (abortDays !== undefined)
    for (const upload of await allUploads(bucket, files))
      if (upload.key.startsWith(prefix) && over(upload.startedAt, abortDays)) await removeUpload(upload.id, files);
}

async function removeOldVersions(
  bucket: string,
  prefix: string,
  over: (since: number) => boolean,
  files: ObjectStore,
): Promise<void> {
  const read = (after?: VersionInfo): Promise<VersionPage> =>
    files.listVersions(bucket, { prefix, after, limit: 1000 });
  let newer: VersionInfo | undefined;
  let page: VersionPage | undefined = await read();
  while (page !== undefined) {
    const doomed: VersionInfo[] = [];
    for (const one of page.versions) {
      // It ceased to be the latest version when the next one was stored.
      if (!one.latest && newer?.key === one.key && over(newer.lastModified)) doomed.push(one);
      newer = one;
    }
    // Read before anything is removed: the next page begins after a version that must still exist.
    const next: VersionPage | undefined = page.more ? await read(newer) : undefined;
    for (const { key, version } of doomed) await files.deleteObject(bucket, key, { version });
    page = next;
  }
}
