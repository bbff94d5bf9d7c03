/** What other rooms may call. */
export { removeTags, taggedIds, tagsKey, tagsOf, writeTags, type TaggedQuery, type TagsItem } from './tags.ts';
export type { TagIndex, Tags, TagTarget } from './store.ts';
export { TooManyTagsError, toTagList, toTags, type Tag } from './tag-list.ts';
export type { TaggableKind } from './resources.ts';
