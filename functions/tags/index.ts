/** What other rooms may call. */
export { AnyOf, GivenIds, idsOfAll, justAfter, OrderedIds, WithPrefix, type IdSource } from './ordered-ids.ts';
export { removeTags, taggedIds, tagsKey, tagsOf, writeTags, type TagsItem } from './tags.ts';
export { oneShard, type TagIndex, type Tags, type TagTarget } from './store.ts';
export { TooManyTagsError, toTagList, toTags, type Tag } from './tag-list.ts';
export type { GroupType, TaggableKind } from './taggable-kind.ts';
export { groupQueries } from './resource-groups/group-queries.ts';
export { parseQuery, type TagQuery } from './resource-groups/resource-query.ts';
export type { GroupChange, TagChange } from './events.ts';
