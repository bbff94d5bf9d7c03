/**
 * The audit trail of S3 calls (docs/access.md): every change by people, and every call that a role may not make, with
 * CloudTrail's names and shapes.
 */
import {
  isAudited,
  isRefusalAudited,
  recordCall,
  type AuditedCall,
  type AuditedOutcome,
  type AuditedResource,
} from '../api/audit.ts';
import type { Answer } from './answer.ts';
import { asS3Error } from './known-errors.ts';
import type { DoorContext, S3Request } from './s3-request.ts';

/** Runs a call and records it before it is answered. @throws what `run` throws */
export async function onRecord(
  name: string,
  request: S3Request,
  context: DoorContext,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const { caller, requestId, received } = request;
  const record = (outcome: AuditedOutcome): Promise<void> =>
    recordCall({ ...callOf(name, request, context), ...outcome }, { ...context, caller, requestId, request: received });
  try {
    const answer = await run();
    if (isAudited(name, caller)) await record({ responseElements: answer.onRecord ?? null });
    return answer;
  } catch (error) {
    const { code, message } = asS3Error(error) ?? { code: 'InternalError', message: '' };
    if (isRefusalAudited(name, caller, code === 'AccessDenied'))
      await record({ errorCode: code, errorMessage: message });
    throw error;
  }
}

/** The query parameters that say what is changed. */
const recordedParameters = ['versionId', 'uploadId', 'partNumber'];

function callOf(name: string, { bucket, key, query, headers }: S3Request, { account }: DoorContext): AuditedCall {
  const requestParameters: Record<string, string> = {
    ...(bucket === '' ? {} : { bucketName: bucket }),
    ...(key === '' ? {} : { key }),
    Host: headers['host'] ?? '',
  };
  for (const parameter of recordedParameters)
    if (query.has(parameter)) requestParameters[parameter] = query.get(parameter)!;
  if (headers['x-amz-copy-source'] !== undefined) requestParameters['x-amz-copy-source'] = headers['x-amz-copy-source'];
  // The names of all operations on buckets contain "Bucket".
  const category = name.includes('Bucket') ? 'Management' : 'Data';
  return {
    eventSource: 's3.amazonaws.com',
    eventName: name,
    requestParameters,
    category,
    resources: resourcesOf(bucket, key, account),
  };
}

function resourcesOf(bucket: string, key: string, accountId: string): readonly AuditedResource[] {
  const arn = `arn:aws:s3:::${bucket}`;
  return [
    ...(key === '' ? [] : [{ type: 'AWS::S3::Object', ARN: `${arn}/${key}` }]),
    ...(bucket === '' ? [] : [{ type: 'AWS::S3::Bucket', ARN: arn, accountId }]),
  ];
}
