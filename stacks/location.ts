/** The account, Region and partition of the deployment. */
export interface DeploymentLocation {
  readonly accountId: $util.Output<string>;
  readonly region: $util.Output<string>;
  /** The partition in ARNs: `aws`, `aws-cn`. */
  readonly partition: $util.Output<string>;
  /** The end of the services' host names: `amazonaws.com`. */
  readonly dnsSuffix: $util.Output<string>;
}

export function location(): DeploymentLocation {
  const { partition, dnsSuffix } = aws.getPartitionOutput();
  return {
    accountId: aws.getCallerIdentityOutput().accountId,
    region: aws.getRegionOutput().region,
    partition,
    dnsSuffix,
  };
}
