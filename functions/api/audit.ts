/**
 * The audit trail: every call that changes something, also when it was refused, in CloudTrail's shape.
 *
 * A record is written when the outcome is known and before the answer is sent, so every answered call is recorded: in
 * the operation's own transaction where it asks for that, otherwise afterwards. Reads leave no record.
 */
import { isReadOnly } from '../../core/authorization.ts';
import { newEvent } from '../../core/events.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context, RequestContext } from '../../core/context.ts';
import { lastDigitShardOf, paddedTime } from '../../core/keys-of-rows.ts';
import type { Key, Put } from '../../core/state.ts';

export interface AuditedCall {
  /** `ssm.amazonaws.com` */
  readonly eventSource: string;
  /** The operation. */
  readonly eventName: string;
  /** As in the record: without secrets. */
  readonly requestParameters: unknown;
  readonly responseElements?: unknown;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** `Data` is for what callers store (S3's objects). CloudTrail separates it from calls that manage the service. */
  readonly category?: 'Management' | 'Data';
  readonly resources?: readonly AuditedResource[];
}

/** The outcome of a call. */
export type AuditedOutcome = Pick<AuditedCall, 'responseElements' | 'errorCode' | 'errorMessage'>;

export interface AuditedResource {
  /** `AWS::S3::Object` */
  readonly type: string;
  readonly ARN: string;
  readonly accountId?: string;
}

/** Seconds: 90 days, as long as CloudTrail's event history. */
const kept = 90 * 24 * 60 * 60;

/** Characters of JSON. CloudTrail leaves out longer parameters. */
const longestParameters = 100_000;
/** Of a viewer: all that is recorded was refused, and may not fill the disk. */
const longestOfViewer = 4_000;
const longestMessage = 1024;

/** The calls that nodes make all day: heart-beats, tokens, reports and output. */
const nodeRoutine: ReadonlySet<string> = new Set([
  'UpdateInstanceInformation',
  'RequestManagedInstanceRoleToken',
  'UpdateInstanceAssociationStatus',
  'UpdateAssociationStatus',
  'PutInventory',
  'PutComplianceItems',
  'PutConfigurePackageResult',
  'PutObject',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
]);

/** Whether a call is recorded. */
export function isAudited(operation: string, caller: Caller): boolean {
  if (isReadOnly(operation)) return false;
  return !(nodeRoutine.has(operation) && (caller.kind === 'node' || caller.kind === 'anonymous'));
}

/** The most records a minute of unsigned calls that were refused: strangers must not fill the disk. */
const strangersAMinute = 60;
let strangers = { minute: 0, count: 0 };

/**
 * Whether a refused call is recorded: one that would have been recorded had it succeeded, and any that was not allowed.
 */
export function isRefusalAudited(operation: string, caller: Caller, notAllowed: boolean): boolean {
  if (caller.kind !== 'anonymous') return notAllowed || isAudited(operation, caller);
  if (!isAudited(operation, caller)) return false;
  const minute = Math.floor(Date.now() / 60_000);
  if (strangers.minute !== minute) strangers = { minute, count: 0 };
  return ++strangers.count <= strangersAMinute;
}

/** The partition of a day's records: `2026-01-02`, shard 0–15. */
export function auditPartition(day: string, shard: number): string {
  return `AUDIT#${day}#${shard}`;
}

/** The parts of a request that its record needs. */
export type AuditedRequest = Omit<RequestContext, 'auditWrites'>;

/** The write of a call's record. */
export function auditWriteOf(call: AuditedCall, context: AuditedRequest): Put {
  return auditWrite(auditRecord(call, context), context);
}

/** Writes the record. Never rejects: a record that cannot be written is logged completely. */
export async function recordCall(call: AuditedCall, context: AuditedRequest): Promise<void> {
  const record = auditRecord(call, context);
  try {
    await context.state.write(auditWrite(record, context));
  } catch (error) {
    context.log.error('audit record could not be written', { error, record });
  }
}

interface AuditRecord {
  readonly eventID: string;
  readonly eventTime: string;
}

function auditRecord(call: AuditedCall, context: AuditedRequest): AuditRecord & Readonly<Record<string, unknown>> {
  const { caller } = context;
  const longest = caller.kind === 'person' && caller.role === 'viewer' ? longestOfViewer : longestParameters;
  return {
    eventVersion: '1.08',
    userIdentity: userIdentity(caller, context),
    eventTime: new Date(context.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource: call.eventSource,
    eventName: call.eventName,
    awsRegion: context.region,
    sourceIPAddress: context.request.sourceIp,
    userAgent: (context.request.headers['user-agent'] ?? '').slice(0, longestMessage),
    ...(call.errorCode === undefined
      ? {}
      : { errorCode: call.errorCode, errorMessage: (call.errorMessage ?? '').slice(0, longestMessage) }),
    // Parameters are about as long as the body that they came in. A call from inside has no body, so it is measured.
    requestParameters: isShort(context.request.body.length, longest)
      ? call.requestParameters
      : bounded(call.requestParameters, longest),
    responseElements: bounded(call.responseElements ?? null, longest),
    requestID: context.requestId,
    eventID: context.ids.uuid(),
    readOnly: isReadOnly(call.eventName),
    ...(call.resources === undefined ? {} : { resources: call.resources }),
    eventType: 'AwsApiCall',
    managementEvent: call.category !== 'Data',
    eventCategory: call.category ?? 'Management',
    recipientAccountId: context.account,
  };
}

function auditWrite(record: AuditRecord, context: Context): Put {
  const now = context.clock.now();
  const key: Key = {
    pk: auditPartition(record.eventTime.slice(0, 10), lastDigitShardOf(record.eventID)),
    sk: `${paddedTime(now)}#${record.eventID}`,
  };
  return {
    put: key,
    body: record,
    expiresAt: Math.ceil(now / 1000) + kept,
    events: [newEvent(context, 'AWS API Call via CloudTrail', { id: record.eventID, resources: [], detail: record })],
  };
}

function isShort(bodyLength: number, longest: number): boolean {
  return bodyLength > 0 && bodyLength <= longest;
}

function bounded(value: unknown, longest: number): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined || text.length <= longest
    ? value
    : { omitted: true, originalSize: text.length, reason: 'Size limit exceeded' };
}

function userIdentity(caller: Caller, { account }: Context): Readonly<Record<string, unknown>> {
  switch (caller.kind) {
    case 'person':
      return {
        type: 'IAMUser',
        principalId: caller.accessKeyId,
        arn: caller.arn,
        accountId: account,
        accessKeyId: caller.accessKeyId,
        userName: caller.name,
      };
    case 'node':
      return {
        type: 'AssumedRole',
        principalId: `${caller.accessKeyId}:${caller.nodeId}`,
        arn: caller.arn,
        accountId: account,
        accessKeyId: caller.accessKeyId,
      };
    case 'service':
      return { type: 'AWSService', invokedBy: 'ssm.amazonaws.com' };
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
  }
}
