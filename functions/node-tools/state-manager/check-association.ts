/** What CreateAssociation is refused for, beyond what the model knows. */
import type { Target } from '@aws-sdk/client-ssm';
import { isAdmin } from '../../../core/admin-work.ts';
import type { Context, RequestContext } from '../../../core/context.ts';
import {
  InvalidDocument,
  InvalidInstanceId,
  InvalidParameters,
  InvalidTarget,
  ValidationException,
} from '../../../core/errors.ts';
import type { SsmInput } from '../../../core/operations.ts';
import { checkParameters, resolveDocument, type ResolvedDocument } from '../../change-management/documents/index.ts';
import { assertMayRunOn, checkTargets, criteriaOf, getNodes } from '../../nodes/index.ts';
import { InvalidOutputLocation, InvalidTargetMaps, UnsupportedPlatformType } from './errors.ts';
import { intervalOf } from './schedule.ts';

type Input = SsmInput<'CreateAssociation'>;

/** AWS has these, and this Flotilla does not have them yet: refused, rather than not done. */
const unsupported = [
  'AlarmConfiguration',
  'ApplyOnlyAtCronInterval',
  'AssociationDispatchAssumeRole',
  'AutomationTargetParameterName',
  'CalendarNames',
  'Duration',
  'ScheduleOffset',
  'TargetLocations',
] as const;
/** What the old form, one node by InstanceId, does not take. */
const notWithInstanceId = [
  'AssociationName',
  'DocumentVersion',
  'MaxErrors',
  'MaxConcurrency',
  'OutputLocation',
  'ScheduleExpression',
] as const;

export interface CheckedAssociation {
  readonly document: ResolvedDocument;
  readonly targets: Target[];
  readonly interval: number | undefined;
}

/**
 * @throws InvalidDocument, InvalidDocumentVersion, InvalidParameters, InvalidSchedule, InvalidTarget,
 * InvalidTargetMaps,
 *   AccessDeniedException, InvalidInstanceId, InvalidOutputLocation, UnsupportedPlatformType, ValidationException
 */
export async function checkAssociation(input: Input, context: RequestContext): Promise<CheckedAssociation> {
  for (const member of unsupported)
    if (isGiven(input[member]))
      throw new ValidationException(`${member} is not supported by this version of Flotilla.`);
  if (isGiven(input.TargetMaps))
    throw new InvalidTargetMaps('TargetMaps are not supported by this version of Flotilla.');
  const interval = intervalOf(input.ScheduleExpression);
  const document = await resolveDocument(context, input.Name, input.DocumentVersion);
  if (document.status !== 'Active') throw new InvalidDocument(`Document ${document.name} is not active.`);
  await checkParameters(document, input.Parameters ?? {}, context.caller.arn);
  if (input.OutputLocation !== undefined) checkOutputLocation(input.OutputLocation);
  const targets = targetsOf(input, document);
  await checkGroups(targets, context);
  await checkNamedNodes(input, targets, document, context);
  return { document, targets, interval };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

function targetsOf(input: Input, document: ResolvedDocument): Target[] {
  const targets = input.Targets ?? [];
  if (input.InstanceId !== undefined) {
    if (targets.length > 0) throw new InvalidTarget('InstanceId and Targets cannot both be given.');
    for (const member of notWithInstanceId)
      if (isGiven(input[member]))
        throw new InvalidParameters(`${member} cannot be given together with InstanceId; use Targets.`);
    if (document.schemaVersion !== '1.2')
      throw new InvalidParameters(
        `InstanceId is for documents of schema 1.2; ${document.name} is of ${document.schemaVersion}. Use Targets.`,
      );
    return [{ Key: 'InstanceIds', Values: [input.InstanceId] }];
  }
  if (targets.length === 0) throw new InvalidTarget('Either Targets or InstanceId must be given.');
  return targets;
}

/** AWS's limits of groups that associations are for. */
async function checkGroups(targets: readonly Target[], context: Context): Promise<void> {
  for (const { filters } of await checkTargets(context, targets))
    if (filters.length > 5 || filters.some(({ values }) => values.length > 5))
      throw new InvalidTarget('A resource group of an association has at most five tag keys and five values of each.');
}

function checkOutputLocation({ S3Location: location }: NonNullable<Input['OutputLocation']>): void {
  const bucket = location?.OutputS3BucketName;
  if (bucket !== undefined && !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new InvalidOutputLocation(`${bucket} is not the name of a bucket.`);
}

/**
 * Nodes that are named by their ids must be ids; and where some are known, one at least must be able to run the
 * document.
 */
async function checkNamedNodes(
  input: Input,
  targets: readonly Target[],
  document: ResolvedDocument,
  context: RequestContext,
): Promise<void> {
  const ids = criteriaOf(targets).flatMap((criterion) => (criterion.by === 'id' ? criterion.ids : []));
  for (const id of ids)
    if (!/^m?i-(\w{8}|\w{17})$/.test(id)) throw new InvalidInstanceId(`${id} is not the id of a node.`);
  if (ids.length === 0) return;
  const nodes = await getNodes(context, ids);
  assertMayRunOn(nodes, [{ byAdmin: isAdmin(context.caller) }, document], 'CreateAssociation', context);
  if (input.InstanceId !== undefined && nodes.length === 0)
    throw new InvalidInstanceId(`${input.InstanceId} is not a registered managed node.`);
  const supported = document.platformTypes as readonly string[];
  if (
    nodes.length > 0 &&
    nodes.every(({ platformType }) => platformType !== undefined && !supported.includes(platformType))
  )
    throw new UnsupportedPlatformType(`Document ${document.name} does not support the platform of the nodes.`);
}
