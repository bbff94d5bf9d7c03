/** DescribeInstanceProperties: the console's list of managed nodes, with more operators. */
import type { Context } from '../../../core/context.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { resolveDocument } from '../../change-management/documents/index.ts';
import { InvalidInstancePropertyFilterValue } from './errors.ts';
import { checkActivationIds, instanceFilters, type GivenFilter } from './instance-filters.ts';
import { describe } from './instance-information.ts';
import { searchFor, type NodeFilter } from './node-filter.ts';
import { pageOfNodes, positionOfToken, tokenOf } from './node-page.ts';

const defaultPage = 50;
const operation = 'DescribeInstanceProperties';
const documentKey = 'DocumentName';

/** Data that only EC2 has is absent: every node here is a hybrid one. */
export const describeInstanceProperties: SsmOperation<'DescribeInstanceProperties'> = async (input, context) => {
  const given = givenFilters(input);
  checkActivationIds(given);
  const filters = [
    ...instanceFilters(
      given.filter(({ key }) => key !== documentKey),
      invalidValue,
    ),
    ...(await Promise.all(
      given.filter(({ key }) => key === documentKey).map((filter) => platformsOf(filter, context)),
    )),
  ];
  const after = await positionOfToken(context, input.NextToken, operation);
  const page = await pageOfNodes(context, searchFor(filters, context), {
    after,
    limit: input.MaxResults ?? defaultPage,
  });
  return {
    InstanceProperties: page.nodes.map((node) => ({ ...describe(node), AvailabilityZone: node.availabilityZone })),
    ...(await tokenOf(context, page, operation)),
  };
};

const invalidValue = (message: string): InvalidInstancePropertyFilterValue =>
  new InvalidInstancePropertyFilterValue(message);

function givenFilters({
  InstancePropertyFilterList: legacy = [],
  FiltersWithOperator: filters = [],
}: SsmInput<'DescribeInstanceProperties'>): GivenFilter[] {
  return [
    ...legacy.map(({ key, valueSet }) => ({ key, values: valueSet })),
    ...filters.map(({ Key: key, Values: values, Operator: operator }) => ({ key, values, operator })),
  ];
}

/**
 * The platforms of the named documents: nodes with one of them can run a document.
 * @throws InvalidDocument when a name does not exist
 */
async function platformsOf({ values, operator = 'Equal' }: GivenFilter, context: Context): Promise<NodeFilter> {
  if (operator !== 'Equal' && operator !== 'NotEqual')
    throw invalidValue(`The filter ${documentKey} cannot be used with ${operator}.`);
  const documents = await Promise.all(values.map((name) => resolveDocument(context, name)));
  return {
    attribute: 'platformType',
    operator,
    values: [...new Set(documents.flatMap(({ platformTypes }) => platformTypes as readonly string[]))],
  };
}
