/** ListInventoryEntries: the entries of one type of one node. */
import { InvalidInstanceId } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { getNode } from '../../nodes/index.ts';
import { awsTypeNamed } from './aws-types.ts';
import { InvalidTypeNameException } from './errors.ts';
import { entryFilter, fits } from './filters.ts';
import { itemsOf } from './node-items.ts';

const defaultPage = 50;

/**
 * A node's entries of a type, in the order of the report; empty for a type that it never reported. A filter's key is an
 * attribute's name. Values of one filter are joined by "or", filters by "and", for each entry.
 * @throws InvalidInstanceId, InvalidTypeNameException, InvalidFilter, InvalidNextToken
 */
export const listInventoryEntries: SsmOperation<'ListInventoryEntries'> = async (
  { InstanceId, TypeName, Filters = [], NextToken, MaxResults = defaultPage },
  context,
) => {
  if (TypeName.startsWith('AWS:') && awsTypeNamed(TypeName) === undefined)
    throw new InvalidTypeNameException(`The inventory type ${TypeName} is not valid.`);
  const filters = Filters.map((filter) => entryFilter(TypeName, filter));
  const start =
    NextToken === undefined ? 0 : (await decodeToken<{ at: number }>(context, NextToken, 'ListInventoryEntries')).at;
  const node = await getNode(context, InstanceId);
  if (node === undefined) throw new InvalidInstanceId(`Instance ${InstanceId} is not a managed node.`);

  const items = await itemsOf(context, node, TypeName);
  const entries = items
    .flatMap((item) => item.entries)
    .filter((entry) => filters.every((filter) => fits(entry, filter)));
  const [first] = items;
  const end = start + MaxResults;
  return {
    TypeName,
    InstanceId,
    ...(first === undefined ? {} : { SchemaVersion: first.schemaVersion, CaptureTime: first.captureTime }),
    Entries: entries.slice(start, end).map((entry) => ({ ...entry })),
    ...(end < entries.length ? { NextToken: await encodeToken(context, { at: end }, 'ListInventoryEntries') } : {}),
  };
};
