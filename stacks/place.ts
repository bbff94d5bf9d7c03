/** The account, Region and partition that is deployed to. */
export interface Place {
  readonly accountId: $util.Output<string>;
  readonly region: $util.Output<string>;
  /** `aws`, `aws-cn`: what ARNs begin with. */
  readonly partition: $util.Output<string>;
  /** `amazonaws.com`: what the names of services' hosts end with. */
  readonly dnsSuffix: $util.Output<string>;
}

export function place(): Place {
  const { partition, dnsSuffix } = aws.getPartitionOutput();
  return {
    accountId: aws.getCallerIdentityOutput().accountId,
    region: aws.getRegionOutput().region,
    partition,
    dnsSuffix,
  };
}
