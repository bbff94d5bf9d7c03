/** Resource Groups' operations for the registered kinds, including groups themselves. */
import { oneShard } from '../store.ts';
import type { TaggableKind } from '../taggable-kind.ts';
import { memberTypesOf } from './find-members.ts';
import { groupArn } from './group-name.ts';
import type { GroupOperations } from './group-operation.ts';
import { getTags, tag, untag } from './group-tags.ts';
import {
  createGroup,
  deleteGroup,
  getGroup,
  getGroupConfiguration,
  getGroupQuery,
  updateGroup,
  updateGroupQuery,
} from './groups.ts';
import { listGroups } from './list-groups.ts';
import { listGroupResources, searchResources } from './members.ts';
import { groupKey, groupResource } from './store.ts';

const taggableGroup: TaggableKind = {
  resourceType: groupResource,
  index: oneShard,
  groupTypes: [{ type: 'AWS::ResourceGroups::Group', arnOf: groupArn }],
  rowOf: async (name) => groupKey(name),
};

export function groupOperations(kinds: readonly TaggableKind[]) {
  const types = memberTypesOf([...kinds, taggableGroup]);
  return {
    CreateGroup: createGroup,
    DeleteGroup: deleteGroup,
    GetGroup: getGroup,
    GetGroupConfiguration: getGroupConfiguration,
    GetGroupQuery: getGroupQuery,
    GetTags: getTags,
    ListGroupResources: listGroupResources(types),
    ListGroups: listGroups,
    SearchResources: searchResources(types),
    Tag: tag,
    Untag: untag,
    UpdateGroup: updateGroup,
    UpdateGroupQuery: updateGroupQuery,
  } satisfies GroupOperations;
}
