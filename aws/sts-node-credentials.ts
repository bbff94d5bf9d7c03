/** The NodeCredentials port on STS: a session of the nodes' role (stacks/nodes.ts), named after the node. */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import type { IssuedCredentials, NodeCredentials } from '../core/node-credentials.ts';

/** Seconds: STS's minimum, and the maximum when one role assumes another. */
const least = 900;
const most = 3600;

export class StsNodeCredentials implements NodeCredentials {
  readonly #sts: STSClient;
  readonly #roleArn: string;
  readonly #bucket: string;

  /** @param bucket the service's own, in which each node has its own paths */
  constructor(sts: STSClient, roleArn: string, bucket: string) {
    this.#sts = sts;
    this.#roleArn = roleArn;
    this.#bucket = bucket;
  }

  async issue(nodeId: string, expiresAt: number): Promise<IssuedCredentials> {
    const seconds = Math.round((expiresAt - Date.now()) / 1000);
    const request = {
      RoleArn: this.#roleArn,
      RoleSessionName: nodeId,
      DurationSeconds: Math.min(most, Math.max(least, seconds)),
      Policy: JSON.stringify(sessionPolicy({ partition: partitionOfArn(this.#roleArn), bucket: this.#bucket, nodeId })),
    };
    const { Credentials: made } = await this.#sts.send(new AssumeRoleCommand(request));
    if (made?.AccessKeyId === undefined || made.SecretAccessKey === undefined || made.SessionToken === undefined)
      throw new Error('STS made no credentials');
    return { accessKeyId: made.AccessKeyId, secretAccessKey: made.SecretAccessKey, sessionToken: made.SessionToken };
  }
}

/**
 * Limits the role's rights to one node. In the service's bucket it may use only paths that contain the node's id, as
 * agents' uploads do; elsewhere it has all the role's rights.
 */
export function sessionPolicy({
  partition,
  bucket,
  nodeId,
}: {
  /** `aws` */
  readonly partition: string;
  readonly bucket: string;
  readonly nodeId: string;
}): object {
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        Resource: [`${bucketArn}/*/${nodeId}/*`],
      },
      { Effect: 'Allow', Action: ['s3:GetBucketLocation', 's3:GetEncryptionConfiguration'], Resource: [bucketArn] },
      // As far as the role allows: /aws/ssm/* (stacks/nodes.ts), and what the operator adds.
      {
        Effect: 'Allow',
        Action: [
          'logs:CreateLogGroup',
          'logs:CreateLogStream',
          'logs:PutLogEvents',
          'logs:DescribeLogGroups',
          'logs:DescribeLogStreams',
        ],
        Resource: ['*'],
      },
      { Effect: 'Allow', Action: ['s3:*'], NotResource: [bucketArn, `${bucketArn}/*`] },
    ],
  };
}

function partitionOfArn(arn: string): string {
  return arn.split(':')[1] ?? 'aws';
}
