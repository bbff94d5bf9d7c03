/** The ARNs of what events, policies and audit records name. */
import { partitionOf } from './partition.ts';

interface Place {
  readonly account: string;
  readonly region: string;
}

/** EC2's ARN for `i-…`, ours for `mi-…`. */
export function nodeArn(place: Place, nodeId: string): string {
  return nodeId.startsWith('i-')
    ? `arn:${partitionOf(place.region).name}:ec2:${place.region}:${place.account}:instance/${nodeId}`
    : `arn:${partitionOf(place.region).name}:ssm:${place.region}:${place.account}:managed-instance/${nodeId}`;
}

/** A document's; one of AWS's own names has no account, as in AWS's events. */
export function documentArn(place: Place, name: string, owner: string): string {
  if (name.startsWith('arn:')) return name;
  return `arn:${partitionOf(place.region).name}:ssm:${place.region}:${owner === 'Amazon' ? '' : owner}:document/${name}`;
}
