/** The role for nodes' credentials. */
import { location } from './location';

/**
 * What a node may do in this account: upload its outputs to the service's own bucket and read what it was sent there;
 * write its outputs to the log groups of documents. To allow other buckets and groups, add your own policies to this
 * role.
 */
export function nodes(bucket: sst.aws.Bucket) {
  const { accountId, region, partition } = location();
  const role = new aws.iam.Role('NodeRole', {
    // Role names are shared by all Regions of an account.
    name: $interpolate`${$app.name}-${$app.stage}-${region}-node`,
    // Only the API's function may assume the role; its own policy allows that.
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
            // The group of a command's output when the command names none.
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
