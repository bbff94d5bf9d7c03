/** Tag, Untag, GetTags: the tags of groups themselves. */
import type { Context } from '../../../core/context.ts';
import { changeTags } from '../change-tags.ts';
import type { Tags } from '../store.ts';
import { mostTags, TooManyTagsError, toTags, withoutTags, withTags } from '../tag-list.ts';
import { tagsOf } from '../tags.ts';
import { amongOthers } from './among-others.ts';
import { BadRequestException } from './errors.ts';
import { nameInArn, noSuchGroup } from './group-name.ts';
import type { GroupOperation } from './group-operation.ts';
import { groupKey, groupResource, groupTags, readGroup } from './store.ts';

export const tag: GroupOperation<'Tag'> = async ({ Arn: arn, Tags: added }, context) => {
  const tags = checkTags(added);
  await change(nameInArn(arn, context), context, (before) => limited(() => withTags(before, tags)));
  return { Arn: arn, Tags: { ...tags } };
};

export const untag: GroupOperation<'Untag'> = async ({ Arn: arn, Keys: keys }, context) => {
  await change(nameInArn(arn, context), context, (before) => withoutTags(before, keys));
  return { Arn: arn, Keys: keys };
};

export const getTags: GroupOperation<'GetTags'> = async ({ Arn: arn }, context) => {
  const name = nameInArn(arn, context);
  await checkExists(name, context);
  return { Arn: arn, Tags: { ...(await tagsOf(context, groupResource, name)) } };
};

/** @throws BadRequestException for a reserved or invalid key or value, or more than 50 tags */
export function checkTags(tags: Readonly<Record<string, string>>): Tags {
  return limited(() => toTags(Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))));
}

async function change(name: string, context: Context, to: (before: Tags) => Tags): Promise<void> {
  await amongOthers(async () => {
    // Checked each time: for a group that was deleted meanwhile the error names it.
    await checkExists(name, context);
    await changeTags(context, groupTags(name), groupKey(name), to);
  }, context);
}

async function checkExists(name: string, { state }: Context): Promise<void> {
  if ((await readGroup(state, name)) === undefined) throw noSuchGroup(name);
}

function limited<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TooManyTagsError) throw new BadRequestException(`A group has at most ${mostTags} tags.`);
    throw error;
  }
}
