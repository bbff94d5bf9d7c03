/**
 * PutResourcePolicy, GetResourcePolicies, DeleteResourcePolicy: who else may read a parameter (spec: parameter-store.md
 * §10).
 */
import { createHash } from 'node:crypto';
import type { Context } from '../../../core/context.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { conflictAs } from '../../../core/retry-on-conflict.ts';
import type { Condition, Row } from '../../../core/state.ts';
import {
  MalformedResourcePolicyDocumentException,
  ResourceNotFoundException,
  ResourcePolicyConflictException,
  ResourcePolicyInvalidParameterException,
  ResourcePolicyLimitExceededException,
  ResourcePolicyNotFoundException,
} from './errors.ts';
import { referenceOf } from './names.ts';
import { readParameter } from './read-parameter.ts';
import { parameterKey, resourcePolicyKey, type ParameterItem, type ResourcePolicyItem } from './store.ts';

/** Characters. */
const longestPolicy = 20_480;

export const getResourcePolicies: SsmOperation<'GetResourcePolicies'> = async ({ ResourceArn: arn }, context) => {
  const policy = await readPolicy(context, await parameterAt(context, arn));
  // A parameter has at most one policy, so there is one page.
  return {
    Policies:
      policy === undefined
        ? []
        : [{ PolicyId: policy.body.id, PolicyHash: policy.body.hash, Policy: policy.body.policy }],
  };
};

/** Adds a policy, or changes the one that is named by id and hash. */
export const putResourcePolicy: SsmOperation<'PutResourcePolicy'> = async (input, context) => {
  checkPolicy(input.Policy);
  const parameter = await parameterAt(context, input.ResourceArn);
  if (parameter.body.tier !== 'Advanced') throw invalid('Only parameters of the advanced tier can be shared.');
  const before = await readPolicy(context, parameter);
  if (before === undefined && input.PolicyId !== undefined) throw noSuchPolicy(input.PolicyId);
  if (before !== undefined && input.PolicyId === undefined)
    throw new ResourcePolicyLimitExceededException(
      'A parameter can have one resource policy. Name the one that it has by PolicyId and PolicyHash to change it.',
      { Limit: 1, LimitType: 'ResourcePolicies' },
    );
  if (before !== undefined) checkNamed(before, input.PolicyId, input.PolicyHash);
  const policy: ResourcePolicyItem = {
    id: before?.body.id ?? context.ids.uuid(),
    hash: createHash('sha256').update(input.Policy).digest('hex'),
    policy: input.Policy,
  };
  const output = { PolicyId: policy.id, PolicyHash: policy.hash };
  await writePolicy(
    context,
    parameter,
    { put: resourcePolicyKey(parameter.body), body: policy, when: unchanged(before) },
    output,
  );
  return output;
};

export const deleteResourcePolicy: SsmOperation<'DeleteResourcePolicy'> = async (input, context) => {
  const parameter = await parameterAt(context, input.ResourceArn);
  const before = await readPolicy(context, parameter);
  if (before === undefined) throw noSuchPolicy(input.PolicyId);
  checkNamed(before, input.PolicyId, input.PolicyHash);
  await writePolicy(context, parameter, { delete: resourcePolicyKey(parameter.body), when: unchanged(before) }, {});
  return {};
};

const unchanged = (row: Row | undefined): Condition =>
  row === undefined ? { row: 'absent' } : { version: row.version };

/** @throws ResourcePolicyConflictException when another writer was faster, or the parameter is gone */
async function writePolicy(
  context: Parameters<typeof putResourcePolicy>[1],
  { pk, sk, body }: Row<ParameterItem>,
  write: Parameters<Context['state']['write']>[0],
  output: object,
): Promise<void> {
  await conflictAs(
    context.state.transact([
      write,
      { check: { pk, sk }, when: { equals: { incarnation: body.incarnation } } },
      ...context.auditWrites(output),
    ]),
    conflict,
  );
}

/**
 * @throws ResourceNotFoundException, ResourcePolicyInvalidParameterException for what is not the ARN of a parameter
 * here
 */
async function parameterAt(context: Context, arn: string): Promise<Row<ParameterItem>> {
  const reference = arn.startsWith('arn:') ? referenceOf(arn, context) : undefined;
  if (reference === undefined || reference.selector !== undefined)
    throw invalid(`The resource ARN ${arn} is not the ARN of a parameter of this account and Region.`);
  const row = await readParameter(context, reference.id);
  if (row === undefined) throw new ResourceNotFoundException(`The resource ${arn} was not found.`);
  return { ...row, ...parameterKey(reference.id) };
}

function readPolicy({ state }: Context, { body }: Row<ParameterItem>): Promise<Row<ResourcePolicyItem> | undefined> {
  return state.get<ResourcePolicyItem>(resourcePolicyKey(body));
}

function checkPolicy(text: string): void {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  const statement =
    typeof document === 'object' && document !== null ? (document as { Statement?: unknown }).Statement : undefined;
  if (statement === undefined || typeof statement !== 'object' || text.length > longestPolicy)
    throw new MalformedResourcePolicyDocumentException('The resource policy is not a valid policy document.');
}

function checkNamed({ body }: Row<ResourcePolicyItem>, id: string | undefined, hash: string | undefined): void {
  if (body.id !== id) throw noSuchPolicy(id ?? '');
  if (body.hash !== hash) throw conflict();
}

function conflict(): ResourcePolicyConflictException {
  return new ResourcePolicyConflictException(
    'The policy hash does not match the policy that the resource has. Read it again, and try again.',
  );
}

function invalid(message: string): ResourcePolicyInvalidParameterException {
  return new ResourcePolicyInvalidParameterException(message, { ParameterNames: ['ResourceArn'] });
}

function noSuchPolicy(id: string): ResourcePolicyNotFoundException {
  return new ResourcePolicyNotFoundException(`The resource policy ${id} was not found.`);
}
