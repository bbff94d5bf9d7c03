/** Names and ARNs of groups. Pure. */
import type { AwsLocation } from '../../../core/arns.ts';
import { partitionOf } from '../../../core/partition.ts';
import { BadRequestException, NotFoundException } from './errors.ts';

export function groupArn(name: string, { account, region }: AwsLocation): string {
  return `arn:${partitionOf(region).name}:resource-groups:${region}:${account}:group/${name}`;
}

/**
 * The name of the group that a request means: by `Group` (a name or an ARN), or by the older `GroupName`.
 * @throws BadRequestException for both or neither
 * @throws NotFoundException for an ARN of another account or Region
 */
export function groupNameOf(
  { Group: group, GroupName: name }: { readonly Group?: string | undefined; readonly GroupName?: string | undefined },
  location: AwsLocation,
): string {
  if (group !== undefined && name !== undefined)
    throw new BadRequestException('Group and GroupName cannot both be given.');
  const given = group ?? name;
  if (given === undefined) throw new BadRequestException('Group must be given.');
  return given.startsWith('arn:') ? nameInArn(given, location) : given;
}

/** @throws NotFoundException for the ARN of another account or Region */
export function nameInArn(arn: string, location: AwsLocation): string {
  const prefix = groupArn('', location);
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
