/**
 * Deletes the versions of a deleted document. Its name is free at once. The versions stay as long as a command with one
 * of them may still be on its way to a node.
 */
import type { Context } from '../../../core/context.ts';
import { isOver } from '../../../core/deadline.ts';
import { manyAtOnce } from '../../../core/many-at-once.ts';
import type { Put } from '../../../core/state.ts';
import { scheduleTimer, unfinished, type TimerHandler } from '../../../core/timers.ts';
import { attachmentPrefix } from './attachments.ts';
import { versionsPartition } from './store.ts';

export const purgeKind = 'purge-document';

/** A command waits 30 days at most. */
const keptFor = 31 * 86_400_000;

/** @param id the document's internal id, not its name @param version absent: the whole document */
export function purgeTimer(id: string, context: Context, version?: number): Put {
  const key = version === undefined ? id : `${id}#${version}`;
  return scheduleTimer({
    id: `${purgeKind}#${key}`,
    kind: purgeKind,
    key,
    due: context.clock.now() + keptFor,
    payload: {},
  });
}

/**
 * Safe to repeat: neither the id nor the version's number is ever reused. It stops at the deadline. What is removed by
 * then need not be found again.
 */
export const handlePurge: TimerHandler = async ({ key }, context) => {
  const [id = '', version] = key.split('#');
  const prefix = attachmentPrefix(id, version === undefined ? undefined : Number(version));
  if (!(await purgeAttachments(prefix, context))) return unfinished;
  return version === undefined && !(await purgeVersions(id, context)) ? unfinished : undefined;
};

const atOnce = 8;

/** @returns whether all are gone */
async function purgeAttachments(prefix: string, context: Context): Promise<boolean> {
  const { files, serviceBucket } = context;
  for (;;) {
    const { files: found, next } = await files.list(serviceBucket, { prefix, limit: 100 });
    await manyAtOnce(found, atOnce, ({ key }) => files.delete(serviceBucket, key));
    if (next === undefined) return true;
    if (isOver(context)) return false;
  }
}

/** @returns whether all are gone */
async function purgeVersions(id: string, context: Context): Promise<boolean> {
  const { state } = context;
  for (;;) {
    const { rows, next } = await state.query({ pk: versionsPartition(id), limit: 25 });
    if (rows.length > 0) await state.batch(rows.map(({ pk, sk }) => ({ delete: { pk, sk } })));
    if (next === undefined) return true;
    if (isOver(context)) return false;
  }
}
