/** CreateGroup, GetGroup, UpdateGroup, DeleteGroup, GetGroupQuery, UpdateGroupQuery, GetGroupConfiguration. */
import type { AwsLocation } from '../../../core/arns.ts';
import type { Group, ResourceQuery } from '@aws-sdk/client-resource-groups';
import type { Context } from '../../../core/context.ts';
import { conflictAs } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import { removeTags, writeTags } from '../tags.ts';
import { groupChanged } from '../events.ts';
import { amongOthers } from './among-others.ts';
import { BadRequestException } from './errors.ts';
import { checkNewName, groupArn, groupNameOf, noSuchGroup } from './group-name.ts';
import type { GroupOperation } from './group-operation.ts';
import { checkTags } from './group-tags.ts';
import { checkQuery } from './resource-query.ts';
import { groupKey, groupsPartition, groupTags, readGroup, type GroupItem } from './store.ts';

/** AWS's quota of groups in an account and Region. */
const mostGroups = 100;

export const createGroup: GroupOperation<'CreateGroup'> = async (input, context) => {
  const {
    Name: name,
    Description: description,
    Criticality: criticality,
    Owner: owner,
    DisplayName: displayName,
    ResourceQuery: resourceQuery,
  } = input;
  checkNewName(name);
  if ((input.Configuration ?? []).length > 0)
    throw new BadRequestException('Groups with a service configuration are not supported: give a ResourceQuery.');
  if (resourceQuery === undefined) throw new BadRequestException('A ResourceQuery must be given.');
  checkQuery(resourceQuery);
  const tags = checkTags(input.Tags ?? {});
  if (context.settings.awsQuotas) await checkQuota(context);
  const group: GroupItem = { name, description, criticality, owner, displayName, query: resourceQuery.Query };
  const output = { Group: describe(group, context), ResourceQuery: queryOf(group), Tags: { ...tags } };
  await conflictAs(
    context.state.transact([
      {
        put: groupKey(name),
        body: group,
        when: { row: 'absent' },
        events: [groupChanged(context, name, { after: group.query }, groupArn(name, context))],
      },
      ...writeTags(groupTags(name), tags),
      ...context.auditWrites(output),
    ]),
    () => new BadRequestException(`Cannot create group: a group with the name ${name} already exists.`),
  );
  return output;
};

export const getGroup: GroupOperation<'GetGroup'> = async (input, context) => ({
  Group: describe((await find(input, context)).body, context),
});

export const getGroupQuery: GroupOperation<'GetGroupQuery'> = async (input, context) => {
  const { body: group } = await find(input, context);
  return { GroupQuery: { GroupName: group.name, ResourceQuery: queryOf(group) } };
};

/**
 * All groups here have a query, and AWS answers with this error for such a group. Terraform asks for every group that
 * it reads.
 */
export const getGroupConfiguration: GroupOperation<'GetGroupConfiguration'> = async (input, context) => {
  const { body: group } = await find(input, context);
  throw new BadRequestException(`The group ${group.name} has a resource query, and no service configuration.`);
};

/** Members that are absent stay as they are. */
export const updateGroup: GroupOperation<'UpdateGroup'> = async (input, context) => {
  const group = await change(input, context, (before) => {
    const {
      Description: description = before.description,
      Criticality: criticality = before.criticality,
      Owner: owner = before.owner,
      DisplayName: displayName = before.displayName,
    } = input;
    return { ...before, description, criticality, owner, displayName };
  });
  return { Group: describe(group, context) };
};

export const updateGroupQuery: GroupOperation<'UpdateGroupQuery'> = async (input, context) => {
  checkQuery(input.ResourceQuery);
  const group = await change(input, context, (before) => ({ ...before, query: input.ResourceQuery.Query }));
  return { GroupQuery: { GroupName: group.name, ResourceQuery: queryOf(group) } };
};

/** Deletes the group; its members stay. */
export const deleteGroup: GroupOperation<'DeleteGroup'> = (input, context) =>
  amongOthers(async () => {
    const { body: group, version } = await find(input, context);
    await context.state.transact([
      {
        delete: groupKey(group.name),
        when: { version },
        events: [groupChanged(context, group.name, { before: group.query }, groupArn(group.name, context))],
      },
      ...(await removeTags(context, groupTags(group.name))),
    ]);
    return { Group: describe(group, context) };
  }, context);

async function checkQuota({ state }: Context): Promise<void> {
  const page = await state.query({ pk: groupsPartition, limit: mostGroups });
  if (page.rows.length >= mostGroups)
    throw new BadRequestException(`You can have at most ${mostGroups} resource groups.`);
}

type Named = Parameters<typeof groupNameOf>[0];

/** @throws BadRequestException as groupNameOf, NotFoundException */
export async function find(named: Named, context: Context): Promise<Row<GroupItem>> {
  const name = groupNameOf(named, context);
  const row = await readGroup(context.state, name);
  if (row === undefined) throw noSuchGroup(name);
  return row;
}

/** A group's name and ARN, and its notes, as all operations show them. */
export function describe(group: GroupItem, location: AwsLocation): Group {
  return { GroupArn: groupArn(group.name, location), Name: group.name, ...notesOf(group) };
}

export function notesOf({
  description,
  criticality,
  owner,
  displayName,
}: GroupItem): Pick<Group, 'Description' | 'Criticality' | 'Owner' | 'DisplayName'> {
  return { Description: description, Criticality: criticality, Owner: owner, DisplayName: displayName };
}

function queryOf({ query }: GroupItem): ResourceQuery {
  return { Type: 'TAG_FILTERS_1_0', Query: query };
}

function change(named: Named, context: Context, to: (before: GroupItem) => GroupItem): Promise<GroupItem> {
  return amongOthers(async () => {
    const { body, version } = await find(named, context);
    const group = to(body);
    const { name, query } = group;
    const events =
      query === body.query
        ? []
        : [groupChanged(context, name, { before: body.query, after: query }, groupArn(name, context))];
    await context.state.write({ put: groupKey(name), body: group, when: { version }, events });
    return group;
  }, context);
}
