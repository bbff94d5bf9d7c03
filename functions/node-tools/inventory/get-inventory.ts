/** GetInventory: the nodes that match filters, each with one type. */
import type { InventoryResultEntity } from '@aws-sdk/client-ssm';
import type { Context } from '../../../core/context.ts';
import { InvalidAggregatorException } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { getNodes, resolveTargets, type Node, type Target } from '../../nodes/index.ts';
import { awsTypeNamed } from './aws-types.ts';
import { InvalidTypeNameException } from './errors.ts';
import { fits, fleetFilter, type Filter } from './filters.ts';
import type { Item } from './item.ts';
import { itemsOf } from './node-items.ts';

const defaultPage = 50;
/** Nodes in one read, and the most for one page: a page may be short or empty, and have a next one. */
const batch = 50;
const mostNodesRead = 500;
/** A page ends after this much content, in bytes. */
const largestPage = 1024 * 1024;

/**
 * Nodes ordered by id. A node matches a filter when one of its entries of the filter's type does. It must match all
 * filters; different entries may match them. A page reads at most 500 nodes and ends early after 1 MB of content.
 * @throws InvalidFilter, InvalidTypeNameException, InvalidNextToken; InvalidAggregatorException: aggregators would read
 * the whole fleet in one request, and are not available
 */
export const getInventory: SsmOperation<'GetInventory'> = async (
  { Filters = [], Aggregators = [], ResultAttributes = [], NextToken, MaxResults = defaultPage },
  context,
) => {
  if (Aggregators.length > 0) throw new InvalidAggregatorException('Aggregators are not available.');
  const filters = Filters.map(fleetFilter);
  const typeName = ResultAttributes[0]?.TypeName ?? 'AWS:InstanceInformation';
  if (typeName.startsWith('AWS:') && awsTypeNamed(typeName) === undefined)
    throw new InvalidTypeNameException(`The inventory type ${typeName} is not valid.`);
  let after =
    NextToken === undefined
      ? undefined
      : (await decodeToken<{ after: string }>(context, NextToken, 'GetInventory')).after;

  const entities: InventoryResultEntity[] = [];
  let bytes = 0;
  for (let read = 0; read < mostNodesRead; read += batch) {
    const { nodeIds, next } = await resolveTargets(context, targetsOf(filters), { after, limit: batch });
    for (const node of await getNodes(context, nodeIds)) {
      if (await chosen(context, node, filters)) {
        const entity = entityOf(node, await itemsOf(context, node, typeName));
        entities.push(entity);
        bytes += Buffer.byteLength(JSON.stringify(entity));
      }
      const full = entities.length === MaxResults || bytes >= largestPage;
      // After the last node there is no next page.
      if (full && (next !== undefined || node.id !== nodeIds.at(-1)))
        return { Entities: entities, NextToken: await encodeToken(context, { after: node.id }, 'GetInventory') };
    }
    if (next === undefined) return { Entities: entities };
    after = next;
  }
  return { Entities: entities, NextToken: await encodeToken(context, { after }, 'GetInventory') };
};

/** Leaves out nodes by id and tag before they are read; the filters themselves are applied afterwards too. */
function targetsOf(filters: readonly Filter[]): Target[] {
  const equal = (typeName: string, attribute: string): Filter[] =>
    filters.filter(
      (filter) => filter.typeName === typeName && filter.attribute === attribute && filter.operator === 'Equal',
    );
  const [ids] = equal('AWS:InstanceInformation', 'InstanceId');
  const [keys] = equal('AWS:Tag', 'Key');
  return [
    { Key: 'InstanceIds', Values: ids?.values ?? ['*'] },
    ...(keys === undefined ? [] : [{ Key: 'tag-key', Values: keys.values }]),
  ];
}

async function chosen(context: Context, node: Node, filters: readonly Filter[]): Promise<boolean> {
  const items = new Map<string, readonly Item[]>();
  for (const filter of filters) {
    const ofType = items.get(filter.typeName) ?? (await itemsOf(context, node, filter.typeName));
    items.set(filter.typeName, ofType);
    if (!ofType.some((item) => item.entries.some((entry) => fits(entry, filter)))) return false;
  }
  return true;
}

function entityOf(node: Node, items: readonly Item[]): InventoryResultEntity {
  const [first] = items;
  if (first === undefined) return { Id: node.id, Data: {} };
  return {
    Id: node.id,
    Data: {
      [first.typeName]: {
        TypeName: first.typeName,
        SchemaVersion: first.schemaVersion,
        CaptureTime: first.captureTime,
        ...(first.contentHash === undefined ? {} : { ContentHash: first.contentHash }),
        Content: items.flatMap((item) => item.entries.map((entry) => ({ ...entry }))),
      },
    },
  };
}
