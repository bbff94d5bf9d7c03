/** Finds the resources that match a tag query now, by the index of tags. */
import type { QueryError, ResourceIdentifier } from '@aws-sdk/client-resource-groups';
import type { Context } from '../../../core/context.ts';
import { idsOfAll, justAfter, WithPrefix } from '../ordered-ids.ts';
import type { GroupType, TaggableKind } from '../taggable-kind.ts';
import { taggedIds, type TaggedKind } from '../tags.ts';
import type { TagFilter, TagQuery } from './resource-query.ts';

/** A resource type and its kind. */
export interface MemberType extends GroupType {
  readonly kind: TaggedKind;
}

/** The last resource of a page. */
export interface MemberPosition {
  readonly type: string;
  readonly id: string;
}

export interface MemberPage {
  readonly members: readonly ResourceIdentifier[];
  /** Present when there are more. */
  readonly next?: MemberPosition;
}

/** The types that groups can contain, in the order in which their members are listed. */
export function memberTypesOf(kinds: readonly TaggableKind[]): MemberType[] {
  const types = kinds.flatMap(({ resourceType, index, groupTypes = [] }) =>
    index === undefined ? [] : groupTypes.map((type) => ({ ...type, kind: { resourceType, index } })),
  );
  return types.sort((one, other) => (one.type < other.type ? -1 : 1));
}

/**
 * A page of the resources that match a query, ordered by type and then by id. A tag key without values uses an index
 * that may lag by moments; all else is current.
 */
export async function findMembers(
  context: Context,
  types: readonly MemberType[],
  query: TagQuery,
  { after, limit }: { readonly after?: MemberPosition | undefined; readonly limit: number },
): Promise<MemberPage> {
  const members: (ResourceIdentifier & MemberPosition)[] = [];
  for (const type of types) {
    if (query.types?.includes(type.type) === false || (after !== undefined && type.type < after.type)) continue;
    const from = type.type === after?.type ? justAfter(after.id) : '';
    // One id more than the page shows proves that there is another page.
    const ids = await idsOfAll(
      query.filters.map((filter) => idsOf(context, type, filter)),
      from,
      limit + 1 - members.length,
    );
    members.push(
      ...ids.map((id) => ({ type: type.type, id, ResourceArn: type.arnOf(id, context), ResourceType: type.type })),
    );
    if (members.length > limit) break;
  }
  const last = members.length > limit ? members[limit - 1] : undefined;
  return {
    members: members.slice(0, limit).map(({ ResourceArn, ResourceType }) => ({ ResourceArn, ResourceType })),
    ...(last === undefined ? {} : { next: { type: last.type, id: last.id } }),
  };
}

function idsOf(context: Context, { kind, idPrefix }: MemberType, { key, values }: TagFilter) {
  const ids = taggedIds(context, kind, key, values);
  return idPrefix === undefined ? ids : new WithPrefix(ids, idPrefix);
}

/** Types in the query that do not exist here. */
export function queryErrors(types: readonly MemberType[], query: TagQuery): QueryError[] {
  const known = new Set(types.map(({ type }) => type));
  return (query.types ?? [])
    .filter((type) => !known.has(type))
    .map((type) => ({
      ErrorCode: 'RESOURCE_TYPE_NOT_SUPPORTED',
      Message: `There are no resources of type ${type} here.`,
    }));
}
