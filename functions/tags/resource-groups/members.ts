/** ListGroupResources, SearchResources. */
import type { RequestContext } from '../../../core/context.ts';
import { BadRequestException } from './errors.ts';
import { findMembers, queryErrors, type MemberPage, type MemberPosition, type MemberType } from './find-members.ts';
import { find } from './groups.ts';
import type { GroupOperation } from './group-operation.ts';
import { nextToken, positionOf } from './page-token.ts';
import { checkQuery, parseQuery, type TagQuery } from './resource-query.ts';

const defaultPage = 50;

export const listGroupResources =
  (types: readonly MemberType[]): GroupOperation<'ListGroupResources'> =>
  async (input, context) => {
    const { body: group } = await find(input, context);
    const query = parseQuery(group.query);
    const { members, ...rest } = await page(
      input,
      `ListGroupResources ${group.name}`,
      types,
      narrowed(query, input.Filters ?? []),
      context,
    );
    return {
      Resources: members.map((member) => ({ Identifier: member })),
      ResourceIdentifiers: [...members],
      QueryErrors: queryErrors(types, query),
      ...rest,
    };
  };

export const searchResources =
  (types: readonly MemberType[]): GroupOperation<'SearchResources'> =>
  async (input, context) => {
    const query = checkQuery(input.ResourceQuery);
    const { members, ...rest } = await page(input, 'SearchResources', types, query, context);
    return { ResourceIdentifiers: [...members], QueryErrors: queryErrors(types, query), ...rest };
  };

/** @throws BadRequestException for types that the group's query does not have */
function narrowed(query: TagQuery, filters: readonly { readonly Values: readonly string[] }[]): TagQuery {
  const others = filters.flatMap(({ Values: types }) => types).filter((type) => query.types?.includes(type) === false);
  if (others.length > 0)
    throw new BadRequestException(
      `The resource types specified as filters in the request are not valid: ${others.join(', ')}`,
    );
  const [first, ...more] = filters;
  return first === undefined
    ? query
    : { ...query, types: first.Values.filter((type) => more.every(({ Values: types }) => types.includes(type))) };
}

async function page(
  {
    MaxResults: limit = defaultPage,
    NextToken: token,
  }: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
  purpose: string,
  types: readonly MemberType[],
  query: TagQuery,
  context: RequestContext,
): Promise<Pick<MemberPage, 'members'> & { NextToken?: string }> {
  const after = await positionOf<MemberPosition>(context, token, purpose);
  const { members, next } = await findMembers(context, types, query, { after, limit });
  return { members, ...(next === undefined ? {} : { NextToken: await nextToken(context, next, purpose) }) };
}
