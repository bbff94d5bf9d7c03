/** Changes the tags of a resource that exists. */
import type { Context } from '../../core/context.ts';
import type { Key } from '../../core/state.ts';
import { tagsChanged } from './events.ts';
import { indexWrites, tagsKey, tagsWrite, type Tags, type TagsItem, type TagTarget } from './store.ts';

/**
 * Changes tags.
 * @param row exists exactly while the resource does, so that tags are not written for a deleted resource
 * @throws ConditionFailed when the resource is gone, or its tags have changed meanwhile: try again
 */
export async function changeTags(
  context: Context,
  target: TagTarget,
  row: Key,
  to: (before: Tags) => Tags,
): Promise<void> {
  const current = await context.state.get<TagsItem>(tagsKey(target.resourceType, target.resourceId));
  const before = current?.body.tags ?? {};
  const when = current === undefined ? ({ row: 'absent' } as const) : { version: current.version };
  const after = to(before);
  const events = tagsChanged(context, target, before, after, (current?.version ?? 0) + 1);
  await context.state.transact([
    { check: row, when: { row: 'present' } },
    { ...tagsWrite(target, after), when, events },
    ...indexWrites(target, before, after),
  ]);
}
