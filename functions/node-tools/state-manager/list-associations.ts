/** ListAssociations. */
import type { Association } from '@aws-sdk/client-ssm';
import type { RequestContext } from '../../../core/context.ts';
import { InvalidFilterKey, ValidationException } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { getNode } from '../../nodes/index.ts';
import { summarize } from './describe-association.ts';
import { isOf } from './effective-inventory.ts';
import { associationKey, listPartition, type AssociationItem } from './store.ts';
import { withCriteria } from './target-entries.ts';

/** A page looks at so many associations, however few of them fit; it is then short and its token goes on. */
const readLimit = 1000;
const batch = 50;
const purpose = 'ListAssociations';

type Test = (association: AssociationItem) => boolean | Promise<boolean>;

/** In the order of their ids. */
export const listAssociations: SsmOperation<'ListAssociations'> = async (input, context) => {
  const tests = await testsOf(input.AssociationFilterList ?? [], context);
  const limit = input.MaxResults ?? 50;
  let after =
    input.NextToken === undefined
      ? undefined
      : (await decodeToken<{ after: string }>(context, input.NextToken, purpose)).after;
  const found: Association[] = [];
  for (let read = 0; ;) {
    const page = await context.state.query({
      pk: listPartition,
      ...(after === undefined ? {} : { from: `${after} ` }),
      limit: batch,
    });
    const rows = new Map(
      (await context.state.getMany<AssociationItem>(page.rows.map((row) => associationKey(row.sk)))).map((row) => [
        row.body.associationId,
        row.body,
      ]),
    );
    for (const { sk } of page.rows) {
      const association = rows.get(sk);
      const fits = association !== undefined && (await meetsAll(association, tests));
      // One more than the page shows that there is another page.
      if ((fits && found.length === limit) || read >= readLimit)
        return { Associations: found, NextToken: await encodeToken(context, { after }, purpose) };
      if (fits) found.push(summarize(association));
      after = sk;
      read++;
    }
    if (page.next === undefined) return { Associations: found };
  }
};

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
