/** Names and ARNs of groups. Pure. */
import { partitionOf } from '../../../core/partition.ts';
import type { Place } from '../taggable-kind.ts';
import { BadRequestException, NotFoundException } from './errors.ts';

export function groupArn(name: string, { account, region }: Place): string {
  return `arn:${partitionOf(region).name}:resource-groups:${region}:${account}:group/${name}`;
}

/**
 * The name of the group that a request means: by `Group` (a name or an ARN), or by the older `GroupName`.
 * @throws BadRequestException for both or neither
 * @throws NotFoundException for an ARN of another account or Region
 */
export function groupNameOf(
  { Group: group, GroupName: name }: { readonly Group?: string | undefined; readonly GroupName?: string | undefined },
  place: Place,
): string {
  if (group !== undefined && name !== undefined)
    throw new BadRequestException('Group and GroupName cannot both be given.');
  const given = group ?? name;
  if (given === undefined) throw new BadRequestException('Group must be given.');
  return given.startsWith('arn:') ? nameInArn(given, place) : given;
}

/** @throws NotFoundException for the ARN of another account or Region */
export function nameInArn(arn: string, place: Place): string {
  const prefix = groupArn('', place);
  if (!arn.startsWith(prefix)) throw noSuchGroup(arn);
  return arn.slice(prefix.length);
}

/** @throws BadRequestException for a name that AWS reserves */
export function checkNewName(name: string): void {
  if (/^aws/i.test(name))
    throw new BadRequestException(`Name not valid: ${name}. Names that begin with AWS are reserved.`);
}

export function noSuchGroup(group: string): NotFoundException {
  return new NotFoundException(`Cannot find group: ${group}`);
}
