/**
 * Where Patch Manager keeps what it knows of nodes: keys and item shapes.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | a node's patch state | `PATCHES#<node>` | `STATE` |
 * | its patches, in chunks | `PATCHES#<node>` | `CHUNK#<0000…>` |
 *
 * State and chunks are of one operation: they are replaced together, in one transaction.
 */
import type { OperatingSystem } from '@aws-sdk/client-ssm';
import type { OutgoingEvent } from '../../../core/events.ts';
import { padded } from '../../../core/keys-of-rows.ts';
import {
  queryAll,
  type Condition,
  type Delete,
  type Key,
  type Put,
  type Row,
  type State,
} from '../../../core/state.ts';
import type { PatchCounts } from './counts.ts';
import type { Patch } from './patch.ts';

/** The last patch operation on a node. */
export interface PatchStateItem {
  readonly nodeId: string;
  /** The command that ran it, and when the command was requested, which gives the order of operations. */
  readonly commandId: string;
  readonly requestedAt: number;
  readonly operation: 'Scan';
  /** Epoch milliseconds, by the node's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly operatingSystem: OperatingSystem;
  readonly product: string;
  /** In the API's form: a predefined baseline by its ARN. */
  readonly baselineId: string;
  readonly baselineName: string;
  readonly patchGroup: string;
  readonly snapshotId: string;
  readonly installOverrideList: string;
  readonly rebootOption: string;
  readonly packages: number;
  readonly counts: PatchCounts;
  readonly reports: PatchReports;
  readonly chunks: number;
}

/** Where the reports of the operation are stored. */
export interface PatchReports {
  readonly bucket: string;
  readonly csvKey: string;
  readonly jsonKey: string;
}

interface ChunkItem {
  readonly commandId: string;
  readonly patches: readonly Patch[];
}

/** Rows hold at most 400 KB; the rest is reserved for JSON's escapes and for the rest of the row. */
const chunkBytes = 300_000;

const partition = (nodeId: string): string => `PATCHES#${nodeId}`;
const chunkPrefix = 'CHUNK#';
const stateKey = (nodeId: string): Key => ({ pk: partition(nodeId), sk: 'STATE' });
const chunkKey = (nodeId: string, index: number): Key => ({
  pk: partition(nodeId),
  sk: `${chunkPrefix}${padded(index, 4)}`,
});

export async function readPatchState(state: State, nodeId: string): Promise<Row<PatchStateItem> | undefined> {
  return state.get<PatchStateItem>(stateKey(nodeId));
}

/** The states of those nodes that have one, in no particular order. Up to 100 ids. */
export async function readPatchStates(state: State, nodeIds: readonly string[]): Promise<PatchStateItem[]> {
  return (await state.getMany<PatchStateItem>(nodeIds.map(stateKey))).map((row) => row.body);
}

/** A node's patches, ordered by id. */
export async function readPatches(state: State, nodeId: string): Promise<Patch[]> {
  const rows = await queryAll<ChunkItem>(state, { pk: partition(nodeId), prefix: chunkPrefix });
  return rows.flatMap((row) => row.body.patches);
}

/**
 * The transaction that replaces a node's state and patches.
 * @param before the row to replace; the transaction fails if it has changed since
 */
export function replacePatchState(
  item: Omit<PatchStateItem, 'chunks'>,
  patches: readonly Patch[],
  before: Row<PatchStateItem> | undefined,
  events: readonly OutgoingEvent[],
): (Put | Delete)[] {
  const chunks = chunksOf(patches);
  const when: Condition = before === undefined ? { row: 'absent' } : { version: before.version };
  const writes: (Put | Delete)[] = [
    { put: stateKey(item.nodeId), body: { ...item, chunks: chunks.length } satisfies PatchStateItem, when, events },
  ];
  for (const [index, chunk] of chunks.entries())
    writes.push({
      put: chunkKey(item.nodeId, index),
      body: { commandId: item.commandId, patches: chunk } satisfies ChunkItem,
    });
  for (let position = chunks.length; position < (before?.body.chunks ?? 0); position++)
    writes.push({ delete: chunkKey(item.nodeId, position) });
  return writes;
}

function chunksOf(patches: readonly Patch[]): Patch[][] {
  const chunks: Patch[][] = [];
  let room = 0;
  for (const patch of patches) {
    const bytes = Buffer.byteLength(JSON.stringify(patch)) + 1;
    if (bytes > room) {
      chunks.push([]);
      room = chunkBytes;
    }
    chunks.at(-1)?.push(patch);
    room -= bytes;
  }
  return chunks;
}

/** Deletes everything about a node's patches. Safe to repeat. */
export async function deletePatches(state: State, nodeId: string): Promise<void> {
  const rows = await queryAll(state, { pk: partition(nodeId) });
  for (let at = 0; at < rows.length; at += 100)
    await state.batch(rows.slice(at, at + 100).map(({ pk, sk }) => ({ delete: { pk, sk } })));
}
