/** PutInventory: stores what a node reports. */
import { isDeepStrictEqual } from 'node:util';
import { nodeArn } from '../../../core/arns.ts';
import type { Context } from '../../../core/context.ts';
import { AccessDeniedException, InvalidInstanceId } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row, Write } from '../../../core/state.ts';
import { registeredIds } from '../../nodes/index.ts';
import { awsTypeNamed } from './aws-types.ts';
import { acceptItems, customAttributes, type AcceptedItem } from './check-item.ts';
import {
  CustomSchemaCountLimitExceededException,
  ItemContentMismatchException,
  SubTypeCountLimitExceededException,
} from './errors.ts';
import {
  putCustomType,
  readCustomType,
  readCustomTypes,
  readHeads,
  readSubTypes,
  refreshItem,
  replaceItem,
  type HeadItem,
} from './store.ts';

/** AWS's quota of custom types in an account. */
const mostCustomTypes = 20;
/** The most kinds of compliance that one node may report. */
const mostSubTypes = 10;

/**
 * Replaces a node's items: all items of a call, or none. Where the hash equals the stored one, only the time of the
 * report changes. A node may report only for itself; operators may report for any node.
 * @throws AccessDeniedException, InvalidInstanceId, ItemContentMismatchException,
 * CustomSchemaCountLimitExceededException, SubTypeCountLimitExceededException, and the errors of acceptItems
 */
export const putInventory: SsmOperation<'PutInventory'> = async ({ InstanceId, Items }, context) => {
  const { caller } = context;
  if (caller.kind === 'node' && caller.nodeId !== InstanceId)
    throw new AccessDeniedException(
      `User: ${caller.arn} is not authorized to perform: ssm:PutInventory on resource: ${nodeArn(context, InstanceId)}`,
    );
  const items = acceptItems(Items);
  if ((await registeredIds(context, [InstanceId])).length === 0)
    throw new InvalidInstanceId(`Instance ${InstanceId} is not a managed node.`);
  await storeItems(context, InstanceId, items);
  return { Message: 'Inventory was successfully updated' };
};

/** Stores checked items of an existing node, in one transaction. */
export async function storeItems(context: Context, nodeId: string, items: readonly AcceptedItem[]): Promise<void> {
  await retryOnConflict(async () => {
    const heads = await readHeads(context.state, nodeId, items);
    const writes: Write[] = [];
    for (const [index, item] of items.entries()) {
      const head = heads[index];
      if (head === undefined) await checkSubTypes(context, nodeId, item);
      writes.push(...itemWrites(context, nodeId, item, head), ...(await customTypeWrites(context, item)));
    }
    const [only] = writes;
    if (writes.length === 1 && only !== undefined) await context.state.write(only);
    else await context.state.transact(writes);
  }, context);
}

function itemWrites(context: Context, nodeId: string, item: AcceptedItem, head: Row<HeadItem> | undefined): Write[] {
  const { entries } = item;
  const sameContent =
    head !== undefined && item.contentHash !== undefined && item.contentHash === head.body.contentHash;
  if (sameContent && (entries === undefined || item.schemaVersion === head.body.schemaVersion))
    return refreshItem(head, item, context.clock.now());
  if (entries === undefined)
    throw new ItemContentMismatchException(
      `The content hash of ${item.typeName} is not that of the stored item. Send the item with its content.`,
      { TypeName: item.typeName },
    );
  return replaceItem(nodeId, { ...item, entries }, head, context.ids.uuid(), context.clock.now());
}

/** The first item of a custom type creates it; later items may add attributes. */
async function customTypeWrites(
  context: Context,
  { typeName, schemaVersion, entries }: AcceptedItem,
): Promise<Write[]> {
  if (entries === undefined || awsTypeNamed(typeName) !== undefined) return [];
  const before = await readCustomType(context.state, typeName);
  if (
    before === undefined &&
    context.settings.awsQuotas &&
    (await readCustomTypes(context.state)).length >= mostCustomTypes
  )
    throw new CustomSchemaCountLimitExceededException(
      `An account has at most ${mostCustomTypes} custom inventory types.`,
    );
  const known = before?.body.attributes ?? [];
  const attributes = customAttributes(typeName, known, entries);
  const version =
    before === undefined || isNewer(schemaVersion, before.body.version) ? schemaVersion : before.body.version;
  if (before !== undefined && version === before.body.version && isDeepStrictEqual(attributes, known)) return [];
  return [putCustomType({ typeName, version, attributes }, before)];
}

/** Versions are two numbers: `1.10` is newer than `1.9`. */
function isNewer(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major > thanMajor || (major === thanMajor && minor > thanMinor);
}

async function checkSubTypes(context: Context, nodeId: string, { typeName, subType }: AcceptedItem): Promise<void> {
  if (subType === '') return;
  if ((await readSubTypes(context.state, nodeId, typeName)).length >= mostSubTypes)
    throw new SubTypeCountLimitExceededException(`A node has at most ${mostSubTypes} compliance types.`, {
      TypeName: typeName,
    });
}
