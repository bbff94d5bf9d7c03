/** ListAssociations. */
import type { RequestContext } from '../../../core/context.ts';
import { InvalidFilterKey, ValidationException } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { filteredPage, type Candidate, type TextPosition } from '../../../core/filtered-pages.ts';
import { getNode } from '../../nodes/index.ts';
import { summarize } from './describe-association.ts';
import { isOf } from './effective-inventory.ts';
import { associationKey, listPartition, type AssociationItem } from './store.ts';
import { withCriteria } from './target-entries.ts';

const batch = 50;

type Test = (association: AssociationItem) => boolean | Promise<boolean>;

/** In the order of their ids. */
export const listAssociations: SsmOperation<'ListAssociations'> = async (input, context) => {
  const tests = await testsOf(input.AssociationFilterList ?? [], context);
  const { items, nextToken } = await filteredPage(
    context,
    { token: input.NextToken, limit: input.MaxResults ?? 50, purpose: 'ListAssociations' },
    (position?: TextPosition) => associationsBehind(context, position?.after),
    async (association) =>
      association !== undefined && (await meetsAll(association, tests)) ? association : undefined,
  );
  return { Associations: items.map((association) => summarize(association)), NextToken: nextToken };
};

/** All associations in the order of their ids; `undefined` for one that is being deleted. */
async function* associationsBehind(
  context: RequestContext,
  after: string | undefined,
): AsyncGenerator<Candidate<AssociationItem | undefined, TextPosition>> {
  let last = after;
  for (;;) {
    const page = await context.state.query({
      pk: listPartition,
      ...(last === undefined ? {} : { from: `${last} ` }),
      limit: batch,
    });
    const rows = await context.state.getMany<AssociationItem>(page.rows.map((row) => associationKey(row.sk)));
    const associations = new Map(rows.map((row) => [row.body.associationId, row.body]));
    for (const { sk } of page.rows) yield { item: associations.get(sk), position: { after: sk } };
    last = page.rows.at(-1)?.sk;
    if (page.next === undefined || last === undefined) return;
  }
}

async function meetsAll(association: AssociationItem, tests: readonly Test[]): Promise<boolean> {
  for (const test of tests) if (!(await test(association))) return false;
  return true;
}

/** @throws InvalidFilterKey; ValidationException for a time that is none */
async function testsOf(
  filters: NonNullable<SsmInput<'ListAssociations'>['AssociationFilterList']>,
  context: RequestContext,
): Promise<Test[]> {
  return Promise.all(filters.map(({ key, value }) => testOf(key, value, context)));
}

async function testOf(key: string, value: string, context: RequestContext): Promise<Test> {
  switch (key) {
    case 'InstanceId': {
      const node = await getNode(context, value);
      return async (association) => {
        const [candidate] = await withCriteria([association], context);
        return node !== undefined && candidate !== undefined && isOf(candidate, node);
      };
    }
    case 'Name':
      return (association) => association.documentName === value;
    case 'AssociationId':
      return (association) => association.associationId === value;
    case 'AssociationName':
      return (association) => association.associationName === value;
    case 'AssociationStatusName':
      return (association) => association.status === value;
    case 'LastExecutedBefore':
      return before(timeOf(value));
    case 'LastExecutedAfter':
      return after(timeOf(value));
    case 'ResourceGroupName':
      return ({ targets }) =>
        targets.some((target) => target.Key === 'resource-groups:Name' && target.Values?.includes(value) === true);
    // Nothing is bound to one yet.
    case 'CloudConnectorId':
      return () => false;
    default:
      throw new InvalidFilterKey(`The filter key ${key} is not valid.`);
  }
}

const before =
  (time: number): Test =>
  ({ lastExecutionAt }) =>
    lastExecutionAt !== undefined && lastExecutionAt < time;

const after =
  (time: number): Test =>
  ({ lastExecutionAt }) =>
    lastExecutionAt !== undefined && lastExecutionAt > time;

function timeOf(value: string): number {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new ValidationException(`${value} is not a time in ISO 8601.`);
  return time;
}
