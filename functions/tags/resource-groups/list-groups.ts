/** ListGroups. */
import type { GroupFilter, GroupIdentifier } from '@aws-sdk/client-resource-groups';
import { BadRequestException } from './errors.ts';
import { groupArn } from './group-name.ts';
import type { GroupOperation } from './group-operation.ts';
import { describe, notesOf } from './groups.ts';
import { nextToken, positionOf } from './page-token.ts';
import { allSupported, parseQuery } from './resource-query.ts';
import { groupsPartition, type GroupItem } from './store.ts';

/** A page reads at most this many groups, however few of them match. It may then be short, and its token continues. */
const readLimit = 1000;
const batch = 100;
const purpose = 'ListGroups';

type Filter = { readonly Name: GroupFilter['Name']; readonly Values: readonly string[] };

/** Ordered by name. */
export const listGroups: GroupOperation<'ListGroups'> = async (input, context) => {
  const filters = input.Filters ?? [];
  for (const filter of filters) check(filter);
  const limit = input.MaxResults ?? 50;
  let after = (await positionOf<{ after: string }>(context, input.NextToken, purpose))?.after;
  const found: GroupItem[] = [];
  const shown = async (isLast: boolean) => ({
    GroupIdentifiers: found.map((group): GroupIdentifier => ({
      GroupName: group.name,
      GroupArn: groupArn(group.name, context),
      ...notesOf(group),
    })),
    Groups: found.map((group) => describe(group, context)),
    ...(isLast ? {} : { NextToken: await nextToken(context, { after }, purpose) }),
  });
  for (let read = 0; ;) {
    // Names contain no blank, so this is the first key after `after`.
    const page = await context.state.query<GroupItem>({
      pk: groupsPartition,
      ...(after === undefined ? {} : { from: `${after} ` }),
      limit: batch,
    });
    for (const { body: group } of page.rows) {
      const fits = filters.every((filter) => meets(group, filter));
      // One group more than the page shows proves that there is another page.
      if ((fits && found.length === limit) || read >= readLimit) return shown(false);
      if (fits) found.push(group);
      after = group.name;
      read++;
    }
    if (page.next === undefined) return shown(true);
  }
};

/** @throws BadRequestException for values that the filter does not allow */
function check({ Name: name, Values: values }: Filter): void {
  const refused = values.filter((value) =>
    name === 'criticality'
      ? !/^([1-9]|10)$/.test(value)
      : (name === 'resource-type' || name === 'configuration-type') && !value.startsWith('AWS::'),
  );
  if (refused.length > 0)
    throw new BadRequestException(
      `Filters not valid: One or more filter values are not supported: ${refused.join(', ')}`,
    );
}

/** Whether a group has one of the filter's values. */
function meets(group: GroupItem, { Name: name, Values: values }: Filter): boolean {
  switch (name) {
    case 'resource-type':
      return (parseQuery(group.query).types ?? [allSupported]).some((type) => values.includes(type));
    case 'owner':
      return group.owner !== undefined && values.includes(group.owner);
    case 'display-name':
      return group.displayName !== undefined && values.includes(group.displayName);
    case 'criticality':
      return group.criticality !== undefined && values.includes(String(group.criticality));
    // No group has such a value.
    default:
      return false;
  }
}
