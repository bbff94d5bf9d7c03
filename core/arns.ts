/** The ARNs that events, policies and audit records use. */
import { partitionOf } from './partition.ts';

/** Where a resource is: what ARNs and names are made from. */
export interface AwsLocation {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/** The ARN of a node: EC2's form for `i-…`, Systems Manager's for `mi-…`. */
export function nodeArn(location: AwsLocation, nodeId: string): string {
  return nodeId.startsWith('i-')
    ? `arn:${partitionOf(location.region).name}:ec2:${location.region}:${location.account}:instance/${nodeId}`
    : `arn:${partitionOf(location.region).name}:ssm:${location.region}:${location.account}:managed-instance/${nodeId}`;
}

/** The ARN of a document. Documents that AWS owns have no account in it, as in AWS's events. */
export function documentArn(location: AwsLocation, name: string, owner: string): string {
  if (name.startsWith('arn:')) return name;
  return `arn:${partitionOf(location.region).name}:ssm:${location.region}:${owner === 'Amazon' ? '' : owner}:document/${name}`;
}
