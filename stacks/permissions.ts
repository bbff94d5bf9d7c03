/** Turns rights (events/rights.ts) into statements of an IAM policy. */
import type { Rights } from '../core/rights';
import type { Ground } from './bundle';
import { location } from './location';

export interface Permission {
  readonly actions: string[];
  readonly resources: $util.Input<string>[];
  readonly conditions?: { readonly test: string; readonly variable: string; readonly values: string[] }[];
}

/** The permissions for these rights; those for writing logs and traces are added elsewhere. */
export function permissionsOf(rights: Rights, ground: Ground): Permission[] {
  return [
    ...rowPermissions(rights, ground),
    ...filePermissions(rights, ground),
    ...keyPermissions(rights, ground),
  ].concat(otherPermissions(rights, ground));
}

const reading = ['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem'];
const writing = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

/**
 * DynamoDB checks the partition key of each item, also in batches and transactions; for an index it checks the index's
 * key.
 */
function rowPermissions({ reads = [], writes = [] }: Rights, { table }: Ground): Permission[] {
  const only = (patterns: readonly string[]) => [
    { test: 'ForAllValues:StringLike', variable: 'dynamodb:LeadingKeys', values: [...patterns] },
  ];
  const permissions: Permission[] = [];
  if (reads.length > 0)
    permissions.push({
      actions: reading.map((action) => `dynamodb:${action}`),
      resources: [table.arn, $interpolate`${table.arn}/index/*`],
      conditions: only(reads),
    });
  if (writes.length > 0)
    permissions.push({
      actions: writing.map((action) => `dynamodb:${action}`),
      resources: [table.arn],
      conditions: only(writes),
    });
  return permissions;
}

function filePermissions(rights: Rights, { bucket }: Ground): Permission[] {
  const { readsFiles = [], writesFiles = [], deletesFiles = [] } = rights;
  const keys = (patterns: readonly string[]) => patterns.map((pattern) => $interpolate`${bucket.arn}/${pattern}`);
  const permissions: Permission[] = [];
  if (readsFiles.length > 0)
    permissions.push(
      { actions: ['s3:GetObject'], resources: keys(readsFiles) },
      // Without it S3 reports an absent object as forbidden. A condition on the prefix would not help, because a read
      // of an object has no prefix.
      { actions: ['s3:ListBucket'], resources: [bucket.arn] },
    );
  if (writesFiles.length > 0)
    permissions.push({ actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: keys(writesFiles) });
  if (deletesFiles.length > 0) permissions.push({ actions: ['s3:DeleteObject'], resources: keys(deletesFiles) });
  if (rights.readsSourceBuckets === true) permissions.push(...sourceBuckets().flatMap(readingBucket));
  return permissions;
}

/** The buckets from which documents may take files: the operator names them. */
function sourceBuckets(): string[] {
  return (process.env.FLOTILLA_SOURCE_BUCKETS ?? '').split(',').filter((bucket) => bucket !== '');
}

function readingBucket(bucket: string): Permission[] {
  const { partition } = location();
  return [
    { actions: ['s3:GetObject'], resources: [$interpolate`arn:${partition}:s3:::${bucket}/*`] },
    { actions: ['s3:ListBucket'], resources: [$interpolate`arn:${partition}:s3:::${bucket}`] },
  ];
}

/** Each call of KMS says what the ciphertext is for, so a policy can require it. */
function keyPermissions({ encrypts = [], decrypts = [], signs }: Rights, { key, macKey }: Ground): Permission[] {
  const permissions: Permission[] = [];
  for (const [action, purposes] of [
    ['kms:GenerateDataKey', encrypts],
    ['kms:Decrypt', decrypts],
  ] as const) {
    const named = purposes.filter((purpose) => purpose !== 'parameter');
    const allow = (test: string, variable: string, values: string[]) =>
      permissions.push({ actions: [action], resources: [key.arn], conditions: [{ test, variable, values }] });
    if (named.length > 0) allow('StringEquals', 'kms:EncryptionContext:purpose', named);
    // Parameters have AWS's own encryption context.
    if (purposes.includes('parameter'))
      allow('StringLike', 'kms:EncryptionContext:PARAMETER_ARN', ['arn:*:parameter/*']);
  }
  if (signs === true) permissions.push({ actions: ['kms:GenerateMac'], resources: [macKey.arn] });
  return permissions;
}

function otherPermissions(rights: Rights, { bus, queues, nodeRole, gatewayQueueName }: Ground): Permission[] {
  const { accountId, region, partition } = location();
  const permissions: Permission[] = [];
  const allow = (right: true | undefined, action: string, resource: $util.Input<string>): void => {
    if (right === true) permissions.push({ actions: [action], resources: [resource] });
  };
  allow(
    rights.wakesNodes,
    'sqs:SendMessage',
    $interpolate`arn:${partition}:sqs:${region}:${accountId}:${gatewayQueueName}*`,
  );
  allow(rights.publishesEvents, 'events:PutEvents', bus.arn);
  allow(rights.sendsTimers, 'sqs:SendMessage', queues.timers.arn);
  // This action has no resources for composite alarms.
  allow(rights.asksAlarms, 'cloudwatch:DescribeAlarms', '*');
  // Commands may name any topic.
  allow(rights.publishesToTopics, 'sns:Publish', $interpolate`arn:${partition}:sns:*:${accountId}:*`);
  allow(rights.issuesNodeCredentials, 'sts:AssumeRole', nodeRole.arn);
  return permissions;
}
