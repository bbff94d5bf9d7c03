/** PutParameter: the checks in AWS's order (spec: parameter-store.md §15), then one transaction. */
import { isAdmin } from '../../../core/admin-work.ts';
import type { RequestContext } from '../../../core/context.ts';
import { TooManyUpdates, ValidationException } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import { settingOf } from '../../service-settings/index.ts';
import { toTags, writeTags } from '../../tags/index.ts';
import { checkAllowedPattern } from './allowed-pattern.ts';
import { isFull } from './count-parameters.ts';
import { checkDataType, dataTypeNamed } from './data-types.ts';
import { HierarchyTypeMismatchException, ParameterAlreadyExists, ParameterLimitExceeded } from './errors.ts';
import { parameterChanged } from './events.ts';
import { expireParameter } from './expire-parameter.ts';
import { oldestBeside } from './labels.ts';
import { checkName, idOf } from './names.ts';
import { carriedOver, policiesOf, policyItems } from './policies.ts';
import { timerWrites } from './policy-timers.ts';
import { hasExpired } from './read-parameter.ts';
import { checkKeyId, defaultKeyId, seal } from './secrets.ts';
import {
  levelKey,
  parameterKey,
  parameterTags,
  putOrder,
  versionKey,
  type ParameterItem,
  type Tier,
  type VersionItem,
} from './store.ts';
import { checkSize, mostOf, tierFor } from './tiers.ts';
import { checkValue } from './values.ts';

type Input = SsmInput<'PutParameter'>;

export const putParameter: SsmOperation<'PutParameter'> = async (input, context) => {
  checkValue(input.Value);
  if (input.Policies !== undefined) policyItems(input.Policies);
  if (input.Overwrite === true && (input.Tags ?? []).length > 0)
    throw new ValidationException(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  const name = checkName(input.Name, context);
  const item = await conflictAs(
    retryOnConflict(() => put(name, input, context), context),
    () => new TooManyUpdates('There are concurrent updates for a resource that supports one update at a time.'),
  );
  return { Version: item.version, Tier: item.tier };
};

/** @throws ConditionFailed when another writer was faster */
async function put(name: string, input: Input, context: RequestContext): Promise<ParameterItem> {
  const before = await currentOf(name, context);
  if (before !== undefined && input.Overwrite !== true)
    throw new ParameterAlreadyExists(
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  const next = await nextOf(name, input, before?.body, context);
  const output = { Version: next.version, Tier: next.tier };
  const audit = context.auditWrites(output);
  if (before === undefined) await create(next, input, audit, context);
  else await update(before, next, audit, context);
  return next;
}

/** The current parameter. An expired one that still exists is deleted first. */
async function currentOf(name: string, context: RequestContext): Promise<Row<ParameterItem> | undefined> {
  const row = await context.state.get<ParameterItem>(parameterKey(idOf(name)));
  if (row === undefined || !hasExpired(row.body, context)) return row;
  await expireParameter(row, context);
  return undefined;
}

/** The parameter as the request changes it. */
async function nextOf(
  name: string,
  input: Input,
  before: ParameterItem | undefined,
  context: RequestContext,
): Promise<ParameterItem> {
  const type = typeOf(input, before);
  const now = context.clock.now();
  const version = (before?.version ?? 0) + 1;
  const items = input.Policies === undefined ? undefined : policyItems(input.Policies);
  const bytes = Buffer.byteLength(input.Value);
  const hasPolicies = (items ?? before?.policies ?? []).length > 0;
  const tier = await tierFor({
    requested: input.Tier,
    existing: before?.tier,
    byDefault: async () =>
      ((await settingOf(context, '/ssm/parameter-store/default-parameter-tier')) as Input['Tier']) ?? 'Standard',
    bytes,
    hasPolicies,
    standardIsFull: () => isFull('Standard', context),
  });
  if (tier === 'Standard' && hasPolicies)
    throw new ValidationException('Parameter policies are supported for advanced parameters only.');
  checkSize(tier, bytes, context.settings.largestParameter);
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern;
  if (allowedPattern !== undefined && allowedPattern !== '')
    await checkAllowedPattern(allowedPattern, input.Value, context.caller.arn);
  const dataType = dataTypeNamed(input.DataType ?? before?.dataType ?? 'text');
  checkDataType(dataType, type, input.Value, before?.dataType);
  const policies = items === undefined ? carriedOver(before?.policies ?? []) : policiesOf(items, now);
  const keyId = keyIdOf(type, input.KeyId, before?.keyId, context);
  if (before?.tier !== tier && (await isFull(tier, context))) throw limitExceeded(tier);
  const labels = before?.labels ?? {};
  const oldestVersion = before === undefined ? 1 : oldestBeside(version, before.oldestVersion, labels, before.name);
  const stored = before?.name ?? name;
  return {
    name: stored,
    type,
    value: type === 'SecureString' ? await seal(stored, input.Value, context) : input.Value,
    version,
    modifiedAt: now,
    modifiedBy: context.caller.arn,
    byAdmin: isAdmin(context.caller),
    description: input.Description ?? before?.description,
    allowedPattern,
    keyId,
    tier,
    dataType,
    policies,
    incarnation: before?.incarnation ?? context.ids.uuid(),
    oldestVersion,
    labels,
    policiesVersion: items === undefined ? (before?.policiesVersion ?? version) : version,
  };
}

function typeOf({ Type: given }: Input, before: ParameterItem | undefined): VersionItem['type'] {
  const type = given ?? before?.type;
  if (type === undefined) throw new ValidationException('A parameter type is required when you create a parameter.');
  if (before !== undefined && type !== before.type)
    throw new HierarchyTypeMismatchException(
      "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
    );
  return type;
}

function keyIdOf(
  type: VersionItem['type'],
  given: string | undefined,
  before: string | undefined,
  context: RequestContext,
): string | undefined {
  if (type !== 'SecureString') {
    if (given !== undefined)
      throw new ValidationException('KeyId is supported for parameters of type SecureString only.');
    return undefined;
  }
  if (given !== undefined) checkKeyId(given, context);
  return given ?? before ?? defaultKeyId;
}

function limitExceeded(tier: Tier): ParameterLimitExceeded {
  return new ParameterLimitExceeded(
    `You have exceeded the number of parameters for this AWS account. An account can have ${mostOf[tier]} ${tier.toLowerCase()} parameters. Delete one or more parameters and try again.`,
  );
}

async function create(
  item: ParameterItem,
  input: Input,
  audit: ReturnType<RequestContext['auditWrites']>,
  context: RequestContext,
): Promise<void> {
  const id = idOf(item.name);
  await context.state.transact([
    { put: parameterKey(id), body: item, when: { row: 'absent' }, events: [parameterChanged('Create', item, context)] },
    putOrder(id, item.tier),
    { put: levelKey(id), body: {} },
    ...writeTags(parameterTags(id), toTags(input.Tags)),
    ...timerWrites(undefined, item),
    ...audit,
  ]);
}

async function update(
  before: Row<ParameterItem>,
  item: ParameterItem,
  audit: ReturnType<RequestContext['auditWrites']>,
  context: RequestContext,
): Promise<void> {
  const id = idOf(item.name);
  const { oldestVersion, tier } = before.body;
  await context.state.transact([
    { put: parameterKey(id), body: item, when: unchanged(before), events: [parameterChanged('Update', item, context)] },
    { put: versionKey(before.body, before.body.version), body: versionOf(before.body) },
    ...(item.oldestVersion === oldestVersion ? [] : [{ delete: versionKey(before.body, oldestVersion) }]),
    ...(item.tier === tier ? [] : [putOrder(id, item.tier)]),
    ...timerWrites(before.body, item),
    ...audit,
  ]);
}

/**
 * The condition that the parameter is the one that was read: its name may have been deleted and created again
 * meanwhile.
 */
export function unchanged({ version, body }: Row<ParameterItem>): {
  readonly version: number;
  readonly equals: { readonly incarnation: string };
} {
  return { version, equals: { incarnation: body.incarnation } };
}

/** What is kept of a version when the next one is stored. */
function versionOf({
  incarnation: _1,
  oldestVersion: _2,
  labels: _3,
  policiesVersion: _4,
  ...version
}: ParameterItem): VersionItem {
  return version;
}
