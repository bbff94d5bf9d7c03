/**
 * The audit trail: every mutating call, refused ones too, in CloudTrail's shape.
 *
 * A record is written when the outcome is known and before it is answered, so that whatever was answered is on
 * record: in the operation's own transaction where it asks for that, otherwise after it. Reads leave none.
 */
import { isReadOnly } from '../../core/authorization.ts';
import { newEvent } from '../../core/events.ts';
import type { Caller } from '../../core/caller.ts';
import type { Context, RequestContext } from '../../core/context.ts';
import type { Key, Put } from '../../core/state.ts';

export interface AuditedCall {
  /** `ssm.amazonaws.com` */
  readonly eventSource: string;
  /** The operation. */
  readonly eventName: string;
  /** As the record shows them: no secrets. */
  readonly requestParameters: unknown;
  readonly responseElements?: unknown;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** Data is what a service keeps for its callers, S3's objects: CloudTrail tells it from what manages the service. */
  readonly category?: 'Management' | 'Data';
  readonly resources?: readonly AuditedResource[];
}

/** What is known of a call when it is over. */
export type AuditedOutcome = Pick<AuditedCall, 'responseElements' | 'errorCode' | 'errorMessage'>;

export interface AuditedResource {
  /** `AWS::S3::Object` */
  readonly type: string;
  readonly ARN: string;
  readonly accountId?: string;
}

/** Seconds: 90 days, CloudTrail's own event history. */
const kept = 90 * 24 * 60 * 60;

/** Partitions of one day's records. */
const shards = 16;

/** Characters of JSON; CloudTrail leaves out what is longer. */
const longestParameters = 100_000;
/** Of a viewer: all that is recorded was refused, and may not fill the disk. */
const longestOfViewer = 4_000;
const longestMessage = 1024;

/** What a node sends all day: heart-beats, tokens, reports and output. */
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

/** Whether a call goes on record. */
export function isAudited(operation: string, caller: Caller): boolean {
  if (isReadOnly(operation)) return false;
  return !(nodeRoutine.has(operation) && (caller.kind === 'node' || caller.kind === 'anonymous'));
}

/** Records a minute of calls that were refused and that nobody signed: strangers must not fill the disk. */
const strangersAMinute = 60;
let strangers = { minute: 0, count: 0 };

/**
 * Whether a refused call goes on record: one that would have been, had it been let in, and any that was not allowed.
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

/** What of a request its record tells. */
export type AuditedRequest = Omit<RequestContext, 'auditWrites'>;

/** The write that puts a call on record. */
export function auditWriteOf(call: AuditedCall, context: AuditedRequest): Put {
  return auditWrite(auditRecord(call, context), context);
}

/** Writes the record. It never rejects: what cannot be written is logged in full. */
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
    // They are no longer than the body they came in, give or take a name; a call from inside comes in none.
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
    pk: auditPartition(record.eventTime.slice(0, 10), (parseInt(record.eventID.slice(-2), 16) || 0) % shards),
    sk: `${String(now).padStart(15, '0')}#${record.eventID}`,
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
