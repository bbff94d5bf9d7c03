/** A version in the form of DescribeParameters and GetParameterHistory: everything but its value. Pure. */
import type { AwsLocation } from '../../../core/arns.ts';
import type { ParameterMetadata } from '@aws-sdk/client-ssm';
import { parameterArn } from './names.ts';
import type { VersionItem } from './store.ts';

export function metadataOf(item: VersionItem, location: AwsLocation): ParameterMetadata {
  return { ARN: parameterArn(item.name, location), ...sharedMetadata(item) };
}

/** What both operations show. */
export function sharedMetadata(item: VersionItem) {
  return {
    Name: item.name,
    Type: item.type,
    KeyId: item.keyId,
    LastModifiedDate: new Date(item.modifiedAt),
    LastModifiedUser: item.modifiedBy,
    Description: item.description,
    AllowedPattern: item.allowedPattern,
    Version: item.version,
    Tier: item.tier,
    Policies: item.policies.map(({ type, text, status }) => ({
      PolicyText: text,
      PolicyType: type,
      PolicyStatus: status,
    })),
    DataType: item.dataType,
  };
}
