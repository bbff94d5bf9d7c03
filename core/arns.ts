/** The ARNs that events, policies and audit records use. */
import { partitionOf } from './partition.ts';

interface Place {
  readonly account: string;
  readonly region: string;
}

/** The ARN of a node: EC2's form for `i-…`, Systems Manager's for `mi-…`. */
export function nodeArn(place: Place, nodeId: string): string {
  return nodeId.startsWith('i-')
    ? `arn:${partitionOf(place.region).name}:ec2:${place.region}:${place.account}:instance/${nodeId}`
    : `arn:${partitionOf(place.region).name}:ssm:${place.region}:${place.account}:managed-instance/${nodeId}`;
}

/** The ARN of a document. Documents that AWS owns have no account in it, as in AWS's events. */
export function documentArn(place: Place, name: string, owner: string): string {
  if (name.startsWith('arn:')) return name;
  return `arn:${partitionOf(place.region).name}:ssm:${place.region}:${owner === 'Amazon' ? '' : owner}:document/${name}`;
}
