/** What other rooms may call. */
import type { Context } from '../../../core/context.ts';
import type { AcceptedItem } from './check-item.ts';
import type { Entry } from './item.ts';
import { storeItems } from './put-inventory.ts';
import { readHeads } from './store.ts';

export type { Entry } from './item.ts';

/** An item that another room reports for a node, with one of AWS's types. */
export interface ReportedItem {
  readonly typeName: `AWS:${string}`;
  readonly schemaVersion: string;
  /** Epoch milliseconds. */
  readonly capturedAt: number;
  readonly entries: readonly Entry[];
}

/** Replaces items of an existing node, as PutInventory does. */
export async function reportInventory(context: Context, nodeId: string, items: readonly ReportedItem[]): Promise<void> {
  await storeItems(
    context,
    nodeId,
    items.map(({ capturedAt, ...item }): AcceptedItem => ({
      ...item,
      subType: '',
      captureTime: `${new Date(capturedAt).toISOString().slice(0, 19)}Z`,
    })),
  );
}

/** How many entries of a type a node has reported; `undefined` before its first report. */
export async function countEntries(context: Context, nodeId: string, typeName: string): Promise<number | undefined> {
  const [head] = await readHeads(context.state, nodeId, [{ typeName, subType: '' }]);
  return head?.body.entries;
}
