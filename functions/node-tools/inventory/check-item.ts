/** Checks items beyond the constraints of the API's model (inventory.md §4). */
import type { InventoryItem } from '@aws-sdk/client-ssm';
import type { Checked } from '../../../core/operations.ts';
import { awsTypeNamed, type AwsType } from './aws-types.ts';
import {
  InvalidInventoryItemContextException,
  InvalidItemContentException,
  InvalidTypeNameException,
  ItemSizeLimitExceededException,
  TotalSizeLimitExceededException,
  UnsupportedInventoryItemContextException,
  UnsupportedInventorySchemaVersionException,
} from './errors.ts';
import type { Entry } from './item.ts';

const kilobyte = 1024;
const largestItem = 1024 * kilobyte;
const largestCustomItem = 200 * kilobyte;
const largestCall = 1024 * kilobyte;
const mostAttributes = 50;

/** A checked item. Without `entries` it is only a hash: the node says that nothing has changed. */
export interface AcceptedItem {
  readonly typeName: string;
  readonly subType: string;
  readonly schemaVersion: string;
  readonly captureTime: string;
  readonly contentHash?: string;
  readonly context?: Entry;
  readonly entries?: readonly Entry[];
}

/**
 * Checks the items of a call. Checks that need stored data (hashes, spelling of custom attributes, numbers of types)
 * are made where that data is read.
 * @throws InvalidTypeNameException, UnsupportedInventorySchemaVersionException,
 * UnsupportedInventoryItemContextException, InvalidInventoryItemContextException, InvalidItemContentException,
 * ItemSizeLimitExceededException, TotalSizeLimitExceededException
 */
export function acceptItems(items: readonly Checked<InventoryItem>[]): AcceptedItem[] {
  const accepted = items.map(acceptItem);
  const named = new Set<string>();
  for (const { typeName, subType } of accepted) {
    const name = JSON.stringify([typeName, subType]);
    if (named.has(name))
      throw new InvalidItemContentException(`The type ${typeName} is named twice.`, { TypeName: typeName });
    named.add(name);
  }
  if (accepted.reduce((sum, { entries = [] }) => sum + sizeOf(entries), 0) > largestCall)
    throw new TotalSizeLimitExceededException(`The items of one call may hold at most ${largestCall / kilobyte} KB.`);
  return accepted;
}

function acceptItem(item: Checked<InventoryItem>): AcceptedItem {
  const {
    TypeName: typeName,
    SchemaVersion: schemaVersion,
    CaptureTime: captureTime,
    ContentHash: contentHash,
    Content: entries,
    Context: context,
  } = item;
  const awsType = typeOf(typeName);
  // When amazon-ssm-agent sends only a hash, the version is that of another item: the last one that it collected.
  if (entries !== undefined && awsType !== undefined && !awsType.versions.includes(schemaVersion))
    throw new UnsupportedInventorySchemaVersionException(
      `Schema version ${schemaVersion} of ${typeName} is not supported. Supported: ${awsType.versions.join(', ')}.`,
    );
  const subType = checkContext(typeName, awsType, context);
  if (entries === undefined && contentHash === undefined)
    throw new InvalidItemContentException(`The item ${typeName} has neither content nor a content hash.`, {
      TypeName: typeName,
    });
  if (entries !== undefined) checkEntries(typeName, awsType, entries);
  return {
    typeName,
    subType,
    schemaVersion,
    captureTime,
    ...(contentHash === undefined ? {} : { contentHash }),
    ...(context === undefined ? {} : { context }),
    ...(entries === undefined ? {} : { entries }),
  };
}

/** @returns `undefined` for a custom type */
function typeOf(typeName: string): AwsType | undefined {
  // `Custom:` and a capital letter, then anything: the model's pattern checks only the two prefixes.
  if (/^Custom:\p{Lu}/u.test(typeName)) return undefined;
  const awsType = awsTypeNamed(typeName);
  if (awsType === undefined) throw new InvalidTypeNameException(`The inventory type ${typeName} is not valid.`);
  if (awsType.generated)
    throw new InvalidTypeNameException(`Items of the inventory type ${typeName} are made by the service.`);
  return awsType;
}

const contextKeys: ReadonlySet<string> = new Set(['ComplianceType', 'ExecutionId', 'ExecutionType', 'ExecutionTime']);

/** @returns the sub-type in the context; empty for types without sub-types */
function checkContext(typeName: string, awsType: AwsType | undefined, context: Entry | undefined): string {
  const subTypeBy = awsType?.subTypeBy;
  if (subTypeBy === undefined) {
    if (context !== undefined && Object.keys(context).length > 0)
      throw new UnsupportedInventoryItemContextException(`Items of ${typeName} have no context.`, {
        TypeName: typeName,
      });
    return '';
  }
  const unknown = Object.keys(context ?? {}).filter((key) => !contextKeys.has(key));
  const subType = context?.[subTypeBy] ?? '';
  if (unknown.length > 0)
    throw new InvalidInventoryItemContextException(
      `The context of ${typeName} has unknown keys: ${unknown.join(', ')}.`,
    );
  if (subType === '') throw new InvalidInventoryItemContextException(`The context of ${typeName} needs ${subTypeBy}.`);
  return subType;
}

function checkEntries(typeName: string, awsType: AwsType | undefined, entries: readonly Entry[]): void {
  const refuse = (why: string): never => {
    throw new InvalidItemContentException(`The content of ${typeName} is not valid: ${why}.`, { TypeName: typeName });
  };
  const known = awsType === undefined ? undefined : new Set(awsType.attributes.map(({ name }) => name));
  for (const entry of entries) {
    const names = Object.keys(entry);
    if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
      refuse('an attribute is named twice, in different case');
    if (known === undefined) continue;
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined) refuse(`there is no attribute ${unknown}`);
    const missing = awsType?.required.find((name) => !Object.hasOwn(entry, name));
    if (missing !== undefined) refuse(`the attribute ${missing} is missing`);
  }
  const limit = awsType === undefined ? largestCustomItem : largestItem;
  if (sizeOf(entries) > limit)
    throw new ItemSizeLimitExceededException(`An item of ${typeName} may hold at most ${limit / kilobyte} KB.`, {
      TypeName: typeName,
    });
}

/**
 * The attributes of a custom type after an item: known ones, and those used for the first time.
 * @throws InvalidItemContentException when one is spelled differently than at its first use, or there are too many
 */
export function customAttributes(typeName: string, known: readonly string[], entries: readonly Entry[]): string[] {
  const spelling = new Map(known.map((name) => [name.toLowerCase(), name]));
  for (const name of entries.flatMap((entry) => Object.keys(entry))) {
    const first = spelling.get(name.toLowerCase());
    if (first === undefined) spelling.set(name.toLowerCase(), name);
    else if (first !== name)
      throw new InvalidItemContentException(`The attribute ${name} of ${typeName} was first spelled ${first}.`, {
        TypeName: typeName,
      });
  }
  if (spelling.size > mostAttributes)
    throw new InvalidItemContentException(`A custom type has at most ${mostAttributes} attributes.`, {
      TypeName: typeName,
    });
  return [...spelling.values()];
}

/** Bytes, as JSON. */
function sizeOf(entries: readonly Entry[]): number {
  return Buffer.byteLength(JSON.stringify(entries));
}
