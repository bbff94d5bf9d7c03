/** Write units, as DynamoDB counts them: one for each KB of an item, and for what its indexes have of it. Pure. */
import type { Item } from '../../../aws/attribute-values.ts';
import { sizeOf, type Effect, type Table } from './dynalite.ts';

export interface WriteUnits {
  readonly table: number;
  readonly indexes: number;
}

/** @param inTransaction an item is written twice then: to prepare it and to commit it */
export function writeUnits({ table, old, item }: Effect, inTransaction = false): WriteUnits {
  const rows = Math.max(kilobytes(old), kilobytes(item), 1);
  const indexes = (table.GlobalSecondaryIndexes ?? []).reduce(
    (sum, index) => sum + indexUnits(projected(table, index, old), projected(table, index, item), keysOf(index)),
    0,
  );
  return { table: inTransaction ? rows * 2 : rows, indexes };
}

type Index = NonNullable<Table['GlobalSecondaryIndexes']>[number];

const keysOf = (has: Pick<Index, 'KeySchema'>): string[] => has.KeySchema.map(({ AttributeName }) => AttributeName);

/** What an index has of an item; undefined where it has nothing. */
function projected(table: Table, index: Index, item: Item | undefined): Item | undefined {
  if (item === undefined || keysOf(index).some((name) => item[name] === undefined)) return undefined;
  if (index.Projection.ProjectionType === 'ALL') return item;
  return Object.fromEntries([...keysOf(table), ...keysOf(index)].map((name) => [name, item[name]!]));
}

/** An entry whose key changes is removed and made again. */
function indexUnits(old: Item | undefined, entry: Item | undefined, keys: readonly string[]): number {
  const same = (names: readonly string[]): boolean =>
    names.every((name) => JSON.stringify(old?.[name]) === JSON.stringify(entry?.[name]));
  if (old === undefined || entry === undefined) return kilobytes(old ?? entry);
  if (!same(keys)) return kilobytes(old) + kilobytes(entry);
  return same(Object.keys({ ...old, ...entry })) ? 0 : Math.max(kilobytes(old), kilobytes(entry));
}

function kilobytes(item: Item | undefined): number {
  return item === undefined ? 0 : Math.ceil(sizeOf(item) / 1024);
}
