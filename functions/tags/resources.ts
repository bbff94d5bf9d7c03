/** AddTagsToResource, RemoveTagsFromResource, ListTagsForResource. */
import type { Context } from '../../core/context.ts';
import { ApiError, TooManyUpdates } from '../../core/errors.ts';
import type { SsmOperations } from '../../core/operations.ts';
import { conflictAs, retryOnConflict } from '../../core/retry-on-conflict.ts';
import type { Key } from '../../core/state.ts';
import { changeTags } from './change-tags.ts';
import type { Tags } from './store.ts';
import { toTagList, toTags, withoutTags, withTags } from './tag-list.ts';
import { targetOf, type TaggableKind } from './taggable-kind.ts';
import { tagsOf } from './tags.ts';

export class InvalidResourceType extends ApiError {
  override readonly code = 'InvalidResourceType';
}

export class InvalidResourceId extends ApiError {
  override readonly code = 'InvalidResourceId';
}

/** The tag operations for the registered kinds. */
export function tagOperations(kinds: readonly TaggableKind[]) {
  const byType = new Map(kinds.map((kind) => [kind.resourceType, kind]));

  /** @throws InvalidResourceType, InvalidResourceId */
  async function find(
    resourceType: string,
    given: string,
    context: Context,
  ): Promise<{ kind: TaggableKind; resourceId: string; row: Key }> {
    const kind = byType.get(resourceType);
    if (kind === undefined) throw new InvalidResourceType(`${resourceType} cannot be tagged.`);
    const resourceId = kind.idOf?.(given) ?? given;
    const row = await kind.rowOf(resourceId, context);
    if (row === undefined || (await context.state.get(row)) === undefined)
      throw new InvalidResourceId(`There is no ${resourceType} ${given}.`);
    return { kind, resourceId, row };
  }

  /** @throws TooManyUpdates when other writers were faster each time */
  async function change(
    resourceType: string,
    given: string,
    context: Context,
    to: (before: Tags) => Tags,
  ): Promise<void> {
    const { kind, resourceId, row } = await find(resourceType, given, context);
    await conflictAs(
      retryOnConflict(() => changeTags(context, targetOf(kind, resourceId), row, to), context),
      () => new TooManyUpdates('The tags are being changed by others. Try again.'),
    );
  }

  return {
    AddTagsToResource: async ({ ResourceType, ResourceId, Tags: list }, context) => {
      const added = toTags(list);
      // Changing a tag's value takes two index rows, so each transaction gets a part of the tags.
      for (const some of inParts(added, 40))
        await change(ResourceType, ResourceId, context, (before) => withTags(before, some));
      return {};
    },
    RemoveTagsFromResource: async ({ ResourceType, ResourceId, TagKeys }, context) => {
      await change(ResourceType, ResourceId, context, (before) => withoutTags(before, TagKeys));
      return {};
    },
    ListTagsForResource: async ({ ResourceType, ResourceId }, context) => {
      const { resourceId } = await find(ResourceType, ResourceId, context);
      return { TagList: toTagList(await tagsOf(context, ResourceType, resourceId)) };
    },
  } satisfies SsmOperations;
}

/** Splits tags into parts; an empty map gives one empty part. */
function inParts(tags: Tags, size: number): Tags[] {
  const entries = Object.entries(tags);
  const parts: Tags[] = [];
  for (let at = 0; at === 0 || at < entries.length; at += size)
    parts.push(Object.fromEntries(entries.slice(at, at + size)));
  return parts;
}
