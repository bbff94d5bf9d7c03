/** The role of nodes' credentials. */
import { place } from './place';

/**
 * What a node may do in this account: upload its outputs and read what it was sent, in the service's own
 * bucket; write its outputs to the log groups of documents. Let it into other buckets and groups by policies
 * of your own on this role.
 */
export function nodes(bucket: sst.aws.Bucket) {
  const { accountId, region, partition } = place();
  const role = new aws.iam.Role('NodeRole', {
    // Roles belong to an account, not to a Region.
    name: $interpolate`${$app.name}-${$app.stage}-${region}-node`,
    // Who may assume it is said where it is allowed: to the API's function alone.
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ['sts:AssumeRole'],
          principals: [{ type: 'AWS', identifiers: [$interpolate`arn:${partition}:iam::${accountId}:root`] }],
        },
      ],
    }).json,
    inlinePolicies: [
      {
        name: 'files',
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            {
              actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
              resources: [$interpolate`${bucket.arn}/*`],
            },
            // Agents look for a bucket's Region and encryption before they upload.
            { actions: ['s3:GetBucketLocation', 's3:GetEncryptionConfiguration'], resources: [bucket.arn] },
          ],
        }).json,
      },
      {
        name: 'logs',
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            // Where a command's output goes when it names no group.
            {
              actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
              resources: [$interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:/aws/ssm/*`],
            },
            // amazon-ssm-agent looks for a group before it makes one.
            {
              actions: ['logs:DescribeLogGroups'],
              resources: [$interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:*`],
            },
          ],
        }).json,
      },
    ],
  });
  return { role };
}
