/**
 * Where inventory is kept: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | an item's head | `INVENTORY#<node>` | `<type>#<sub-type>#` |
 * | its entries, in chunks | `INVENTORY#<node>` | `<type>#<sub-type>#<0000…>` |
 * | a custom type | `INVENTORY-TYPES` | `<type>` |
 *
 * The head alone decides what is in an item: chunks of another revision, or past its count, are leftovers.
 * Items go 30 days after their last report. The chunks' own expiry is later and renewed seldom, so that a
 * node that reports "unchanged" writes one small row.
 */
import { padded } from '../../../core/keys-of-rows.ts';
import {
  queryAll,
  type Condition,
  type Key,
  type Put,
  type Row,
  type State,
  type Update,
  type Write,
} from '../../../core/state.ts';
import type { Entry, Item } from './item.ts';

export interface HeadItem extends Omit<Item, 'entries'> {
  /** Changes with the content. */
  readonly revision: string;
  readonly chunks: number;
  readonly entries: number;
  /** Epoch seconds. */
  readonly chunksExpireAt: number;
}

interface ChunkItem {
  readonly revision: string;
  readonly entries: readonly Entry[];
}

export interface CustomTypeItem {
  readonly typeName: string;
  /** The newest version reported. */
  readonly version: string;
  /** With the spelling of their first use. */
  readonly attributes: readonly string[];
}

const day = 24 * 3600;
const itemLife = 30 * day;
const chunkLife = 90 * day;
/** Rows hold at most 400 KB; the rest is reserved for JSON's escapes. */
const chunkBytes = 300_000;

/** A node reports at most every 30 minutes, so two reports during one read are rare. */
const readAttempts = 5;

/** Names of custom types may contain any character. */
const escaped = (name: string): string => name.replaceAll('%', '%25').replaceAll('#', '%23');
const partition = (nodeId: string): string => `INVENTORY#${nodeId}`;
const headKey = (nodeId: string, { typeName, subType }: Pick<Item, 'typeName' | 'subType'>): Key => ({
  pk: partition(nodeId),
  sk: `${escaped(typeName)}#${escaped(subType)}#`,
});
const chunkKey = (head: Key, index: number): Key => ({ pk: head.pk, sk: `${head.sk}${padded(index, 4)}` });

const customTypes = 'INVENTORY-TYPES';
const customTypeKey = (typeName: string): Key => ({ pk: customTypes, sk: escaped(typeName) });

/** The stored items' heads, by the position in the request. */
export async function readHeads(
  state: State,
  nodeId: string,
  items: readonly Pick<Item, 'typeName' | 'subType'>[],
): Promise<(Row<HeadItem> | undefined)[]> {
  const keys = items.map((item) => headKey(nodeId, item));
  const rows = new Map((await state.getMany<HeadItem>(keys)).map((row) => [row.sk, row]));
  return keys.map((key) => rows.get(key.sk));
}

/** The sub-types of a type that a node has reported. */
export async function readSubTypes(state: State, nodeId: string, typeName: string): Promise<string[]> {
  return (await readItems(state, nodeId, typeName)).map(({ subType }) => subType);
}

/**
 * A node's items of one type: one for each sub-type; for most types one or none. A report that arrives during the read
 * is included completely or not at all.
 */
export async function readItems(state: State, nodeId: string, typeName: string): Promise<Item[]> {
  for (let attempt = 1; ; attempt++) {
    const rows = await queryAll<HeadItem | ChunkItem>(state, {
      pk: partition(nodeId),
      prefix: `${escaped(typeName)}#`,
    });
    const heads = rows.filter((row): row is Row<HeadItem> => row.sk.endsWith('#'));
    const chunks = new Map(rows.map((row) => [row.sk, row.body as ChunkItem]));
    const items = heads.map((head) => assemble(head, chunks));
    if (items.every((item) => item !== undefined)) return items;
    if (attempt === readAttempts) throw new Error(`the entries of ${typeName} of node ${nodeId} do not fit its head`);
  }
}

function assemble({ pk, sk, body }: Row<HeadItem>, chunks: ReadonlyMap<string, ChunkItem>): Item | undefined {
  const { revision, chunks: count, entries: _count, chunksExpireAt: _expiry, ...item } = body;
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    const chunk = chunks.get(chunkKey({ pk, sk }, index).sk);
    if (chunk?.revision !== revision) return undefined;
    entries.push(...chunk.entries);
  }
  return { ...item, entries };
}

/**
 * The writes that replace an item; they must be in one transaction.
 * @param before the head that was read; the transaction fails if it has changed since
 * @param now epoch milliseconds
 */
export function replaceItem(
  nodeId: string,
  item: Item,
  before: Row<HeadItem> | undefined,
  revision: string,
  now: number,
): Write[] {
  const key = headKey(nodeId, item);
  const seconds = Math.floor(now / 1000);
  const chunks = chunksOf(item.entries);
  const { entries, ...rest } = item;
  const head: HeadItem = {
    ...rest,
    revision,
    chunks: chunks.length,
    entries: entries.length,
    chunksExpireAt: seconds + chunkLife,
  };
  const when: Condition = before === undefined ? { row: 'absent' } : { version: before.version };
  const writes: Write[] = [{ put: key, body: head, when, expiresAt: seconds + itemLife }];
  for (const [index, chunk] of chunks.entries())
    writes.push({
      put: chunkKey(key, index),
      body: { revision, entries: chunk } satisfies ChunkItem,
      expiresAt: seconds + chunkLife,
    });
  return writes;
}

/**
 * The writes for an unchanged item: the time of its report, its expiry, and rarely that of its chunks.
 * @param now epoch milliseconds
 */
export function refreshItem(
  { pk, sk, body }: Row<HeadItem>,
  { captureTime, context }: Pick<Item, 'captureTime' | 'context'>,
  now: number,
): Update[] {
  const seconds = Math.floor(now / 1000);
  const key = { pk, sk };
  const sameContent: Condition = { equals: { revision: body.revision } };
  if (body.chunksExpireAt > seconds + itemLife + day)
    return [{ update: key, set: { captureTime, context }, when: sameContent, expiresAt: seconds + itemLife }];
  const chunksExpireAt = seconds + chunkLife;
  const writes: Update[] = [
    { update: key, set: { captureTime, context, chunksExpireAt }, when: sameContent, expiresAt: seconds + itemLife },
  ];
  for (let index = 0; index < body.chunks; index++)
    writes.push({ update: chunkKey(key, index), when: sameContent, expiresAt: chunksExpireAt });
  return writes;
}

function chunksOf(entries: readonly Entry[]): Entry[][] {
  const chunks: Entry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (bytes > room) {
      chunks.push([]);
      room = chunkBytes;
    }
    chunks.at(-1)?.push(entry);
    room -= bytes;
  }
  return chunks;
}

export async function readCustomType(state: State, typeName: string): Promise<Row<CustomTypeItem> | undefined> {
  return state.get<CustomTypeItem>(customTypeKey(typeName));
}

/** All custom types, ordered by name. */
export async function readCustomTypes(state: State): Promise<CustomTypeItem[]> {
  return (await queryAll<CustomTypeItem>(state, { pk: customTypes })).map((row) => row.body);
}

/** @param before the row that was read; the write fails if it has changed since */
export function putCustomType(type: CustomTypeItem, before: Row<CustomTypeItem> | undefined): Put<CustomTypeItem> {
  return {
    put: customTypeKey(type.typeName),
    body: type,
    when: before === undefined ? { row: 'absent' } : { version: before.version },
  };
}

/** Deletes everything that a node has reported. Safe to repeat. */
export async function deleteInventory(state: State, nodeId: string): Promise<void> {
  const rows = await queryAll(state, { pk: partition(nodeId) });
  for (let at = 0; at < rows.length; at += 100)
    await state.batch(rows.slice(at, at + 100).map(({ pk, sk }) => ({ delete: { pk, sk } })));
}
