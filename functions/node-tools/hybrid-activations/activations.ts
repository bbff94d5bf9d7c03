/** CreateActivation, DescribeActivations, DeleteActivation. */
import type { Activation } from '@aws-sdk/client-ssm';
import type { RequestContext } from '../../../core/context.ts';
import { InvalidActivationId, InvalidFilter, TooManyUpdates, ValidationException } from '../../../core/errors.ts';
import type { SsmOperations } from '../../../core/operations.ts';
import { filteredPage, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import { conflictAs } from '../../../core/retry-on-conflict.ts';
import { toTagList, toTags } from '../../tags/index.ts';
import { expiryOf, hashCode, isExpired } from './activation.ts';
import { InvalidActivation } from './errors.ts';
import { checkRoleName } from './iam-role.ts';
import { activationKey, listKey, listPartition, slotKey, takenSlots, type ActivationItem } from './store.ts';

/** How many nodes may register with one activation. */
const limits = { least: 1, most: 1000 } as const;
/** 15 bytes become 20 characters of base64url: the shortest code that agents accept. */
const codeBytes = 15;
/** Seconds for which a deleted activation is kept. */
const tombstoneSeconds = 30 * 24 * 60 * 60;

export const activationOperations = {
  CreateActivation: async (input, context) => {
    checkRoleName(context, input.IamRole);
    const now = context.clock.now();
    const registrationLimit = input.RegistrationLimit ?? 1;
    if (registrationLimit < limits.least || registrationLimit > limits.most)
      throw new ValidationException(`RegistrationLimit must be between ${limits.least} and ${limits.most}.`);
    // The code is pasted after `-code`: with a dash at its beginning it would be read as another option.
    const code = context.ids.secret(codeBytes).replace(/^-/, 'A');
    const activation: ActivationItem = {
      activationId: context.ids.uuid(),
      codeHash: hashCode(code),
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.DefaultInstanceName === undefined ? {} : { defaultInstanceName: input.DefaultInstanceName }),
      iamRole: input.IamRole,
      registrationLimit,
      expiresAt: expiryOf(input.ExpirationDate, now),
      createdAt: now,
      tags: toTags(input.Tags),
    };
    await context.state.transact([
      { put: activationKey(activation.activationId), body: activation, when: { row: 'absent' } },
      { put: listKey(activation.activationId), body: {} },
    ]);
    return { ActivationId: activation.activationId, ActivationCode: code };
  },

  DescribeActivations: async (input, context) => {
    const wanted = (input.Filters ?? []).map(({ FilterKey: key, FilterValues: values }) => filterOf(key, values));
    const limit = input.MaxResults ?? 50;
    const { items, nextToken } = await filteredPage(
      context,
      { token: input.NextToken, limit, purpose: 'DescribeActivations' },
      (position?: TextPosition) => activationsBehind(context, position?.after, limit + 1),
      (activation) =>
        activation !== undefined && !activation.deleted && wanted.every((matches) => matches(activation))
          ? activation
          : undefined,
    );
    return {
      ActivationList: await Promise.all(items.map((activation) => describe(activation, context))),
      NextToken: nextToken,
    };
  },

  DeleteActivation: async ({ ActivationId: activationId }, context) => {
    const row = await context.state.get<ActivationItem>(activationKey(activationId));
    if (row === undefined) throw new InvalidActivationId('The activation ID does not exist.');
    if (row.body.deleted) throw new InvalidActivation('The activation has been deleted already.');
    const taken = await takenSlots(context, activationId);
    await conflictAs(
      context.state.transact([
        {
          update: activationKey(activationId),
          set: { deleted: true } satisfies Partial<ActivationItem>,
          when: { version: row.version },
          expiresAt: Math.ceil(context.clock.now() / 1000) + tombstoneSeconds,
        },
        { delete: listKey(activationId) },
      ]),
      () => new TooManyUpdates('The activation is being changed by another request.'),
    );
    const slots = [...taken];
    for (let at = 0; at < slots.length; at += 25)
      await context.state.batch(slots.slice(at, at + 25).map((slot) => ({ delete: slotKey(activationId, slot) })));
    return {};
  },
} satisfies SsmOperations;

/** All activations ordered by id; `undefined` for one that is being deleted. */
async function* activationsBehind(
  context: RequestContext,
  after: string | undefined,
  atOnce: number,
): AsyncGenerator<Candidate<ActivationItem | undefined, TextPosition>> {
  let last = after;
  for (;;) {
    const page = await context.state.query({
      pk: listPartition,
      ...(last === undefined ? {} : { from: `${last} ` }),
      limit: atOnce,
    });
    const rows = await context.state.getMany<ActivationItem>(page.rows.map((row) => activationKey(row.sk)));
    const activations = new Map(rows.map((row) => [row.body.activationId, row.body]));
    for (const { sk } of page.rows) yield { item: activations.get(sk), position: { after: sk } };
    last = page.rows.at(-1)?.sk;
    if (page.next === undefined || last === undefined) return;
  }
}

async function describe(activation: ActivationItem, context: RequestContext): Promise<Activation> {
  return {
    ActivationId: activation.activationId,
    Description: activation.description,
    DefaultInstanceName: activation.defaultInstanceName,
    IamRole: activation.iamRole,
    RegistrationLimit: activation.registrationLimit,
    RegistrationsCount: (await takenSlots(context, activation.activationId)).size,
    ExpirationDate: new Date(activation.expiresAt),
    Expired: isExpired(activation, context.clock.now()),
    CreatedDate: new Date(activation.createdAt),
    Tags: toTagList(activation.tags),
  };
}

/** @throws InvalidFilter for an unknown key, or a filter without values */
function filterOf(
  key: string | undefined,
  values: readonly string[] | undefined,
): (activation: ActivationItem) => boolean {
  if (values === undefined || values.length === 0) throw new InvalidFilter('A filter needs values.');
  switch (key) {
    case 'ActivationIds':
      return (activation) => values.includes(activation.activationId);
    case 'DefaultInstanceName':
      return (activation) =>
        activation.defaultInstanceName !== undefined && values.includes(activation.defaultInstanceName);
    case 'IamRole':
      return (activation) => values.includes(activation.iamRole);
    default:
      throw new InvalidFilter(`${key ?? ''} is not a filter key of activations.`);
  }
}
