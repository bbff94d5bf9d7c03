/** AWS's partitions: the prefix of ARNs and the domain of hosts, by Region. */

export interface Partition {
  /** The second part of an ARN: `aws`, `aws-cn`. */
  readonly name: string;
  /** The end of the services' host names: `amazonaws.com`. */
  readonly dnsSuffix: string;
}

/** By the beginning of a Region's name. All other Regions belong to `aws`. Source: AWS's partitions.json. */
const partitions: readonly (readonly [prefix: string, Partition])[] = [
  ['cn-', { name: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' }],
  ['us-gov-', { name: 'aws-us-gov', dnsSuffix: 'amazonaws.com' }],
  ['us-iso-', { name: 'aws-iso', dnsSuffix: 'c2s.ic.gov' }],
  ['us-isob-', { name: 'aws-iso-b', dnsSuffix: 'sc2s.sgov.gov' }],
  ['eu-isoe-', { name: 'aws-iso-e', dnsSuffix: 'cloud.adc-e.uk' }],
  ['us-isof-', { name: 'aws-iso-f', dnsSuffix: 'csp.hci.ic.gov' }],
  ['eusc-', { name: 'aws-eusc', dnsSuffix: 'amazonaws.eu' }],
];

const standard: Partition = { name: 'aws', dnsSuffix: 'amazonaws.com' };

/**
 * The partition of a Region.
 * @example partitionOf('cn-north-1').name // 'aws-cn'
 */
export function partitionOf(region: string): Partition {
  return partitions.find(([prefix]) => region.startsWith(prefix))?.[1] ?? standard;
}
