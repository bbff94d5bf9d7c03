/**
 * Keys and items of State Manager.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | association | `ASSOCIATION#<id>` | `ASSOCIATION` |
 * | its entry in the list | `ASSOCIATIONS` | `<id>` |
 * | its entry among inventory associations | `INVENTORY-ASSOCIATIONS` | `<id>` |
 * | its entries by target | `ASSOCIATIONS-FOR#<target>` | `<id>`, or `<group>#<id>` |
 * | a document and node bound the old way | `LEGACY-ASSOCIATION#<node>` | `<document name>` |
 * | execution, a job of the fan-out engine | `ASSOCIATION-EXECUTIONS#<association>` | `<execution>` |
 * | counter delta of an execution: the engine's | `ASSOCIATION-DELTAS#<association>#<execution>#<shard>` | |
 * | an association on a node | `NODE-ASSOCIATIONS#<node>` | `<association>` |
 * | the node's associations were looked up once | `NODE-ASSOCIATIONS#<node>` | `#APPLIED` |
 *
 * The rows of a node say which associations it has: a node that asks reads them and nothing else. Who writes them:
 * the execution, and what changes the targets' meaning (docs/decisions/0016).
 */
import type { InstanceAssociationOutputLocation, Target } from '@aws-sdk/client-ssm';
import {
  queryAll,
  type Condition,
  type Delete,
  type Key,
  type Put,
  type Row,
  type State,
} from '../../../core/state.ts';
import type { OutgoingEvent } from '../../../core/events.ts';
import type { JobBody } from '../../fan-out/index.ts';
import type { NodeState, Overview } from './states.ts';

/** Executions are remembered so long, in seconds. */
const retention = 30 * 24 * 3600;

export interface AssociationItem {
  readonly associationId: string;
  readonly associationName?: string | undefined;
  readonly associationVersion: number;
  readonly documentName: string;
  /** As asked for; absent means `$DEFAULT`. */
  readonly documentVersion?: string | undefined;
  readonly parameters?: Readonly<Record<string, string[]>> | undefined;
  readonly targets: Target[];
  /** Whether an admin made it (core/admin-work.ts). Absent in rows of earlier versions: then it counts as no. */
  readonly byAdmin?: boolean | undefined;
  /** Of the old form: one document, one node. */
  readonly instanceId?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly outputLocation?: InstanceAssociationOutputLocation | undefined;
  readonly maxConcurrency?: string | undefined;
  readonly maxErrors?: string | undefined;
  readonly complianceSeverity?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'UNSPECIFIED' | undefined;
  readonly syncCompliance?: 'AUTO' | 'MANUAL' | undefined;
  /** Epoch milliseconds, all of them. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When it runs next by its schedule. */
  readonly nextDue?: number | undefined;
  readonly lastExecutionAt?: number | undefined;
  readonly lastSuccessAt?: number | undefined;
  /** The execution that is under way, or was last. */
  readonly executionId: string;
  /** The number of that execution, from 1. Absent in rows of an older version. */
  readonly run?: number | undefined;
  /** Whether its entries by target are written. Absent in rows of an older version, until its next run. */
  readonly hasTargetEntries?: boolean | undefined;
  readonly status: Overview;
  readonly detailedStatus: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** The version of the shape of executions: 2 since they are jobs of the fan-out engine. */
export const executionShape = 2;

/** An execution: the engine's job, and what is State Manager's own. */
export interface ExecutionItem extends JobBody {
  readonly associationId: string;
  readonly executionId: string;
  readonly associationVersion: number;
  /** Counts the executions of the association, from 1: a later one takes the place of an earlier one on a node. */
  readonly run: number;
  /** The last target gone through; absent before the first. */
  readonly startedAfter?: { readonly nodeId: string } | undefined;
  /** Why there is no run at all: the document is gone. */
  readonly problem?: string | undefined;
  readonly status: Overview;
}

export interface NodeAssociationItem {
  readonly associationId: string;
  readonly nodeId: string;
  readonly executionId: string;
  /** The number of that execution. Absent in rows of an older version: before all others. */
  readonly run?: number | undefined;
  readonly associationVersion: number;
  readonly documentName: string;
  readonly documentVersion: string;
  /** Stands for that very version. Absent in rows of an older version, as is the hash. */
  readonly documentPin?: string | undefined;
  readonly documentHash?: string | undefined;
  /** Whether an admin wrote that version (core/admin-work.ts). */
  readonly documentByAdmin?: boolean | undefined;
  /** The service reads what the document puts out. */
  readonly collects?: true | undefined;
  /** Names the job that is to wake the node; its message waits in the mailbox until it is delivered. */
  readonly jobId: string;
  readonly state: NodeState;
  /** Why it is Skipped, or Failed without having run. */
  readonly detail?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly executionSummary?: string | undefined;
  readonly outputUrl?: string | undefined;
  /** When it ran last on the node. */
  readonly executionDate?: number | undefined;
  /** When the state was last set. */
  readonly since: number;
  /** Whether it counts against MaxConcurrency: the node was online when the run started on it. */
  readonly isLimited?: boolean | undefined;
  /** How often the run has ended so far: names the counter delta of the next end. */
  readonly ends: number;
}

export const associationKey = (id: string): Key => ({ pk: `ASSOCIATION#${id}`, sk: 'ASSOCIATION' });
export const listPartition = 'ASSOCIATIONS';
export const listKey = (id: string): Key => ({ pk: listPartition, sk: id });
export const inventoryPartition = 'INVENTORY-ASSOCIATIONS';
export const inventoryKey = (id: string): Key => ({ pk: inventoryPartition, sk: id });
export const legacyKey = (nodeId: string, documentName: string): Key => ({
  pk: `LEGACY-ASSOCIATION#${nodeId}`,
  sk: documentName,
});
export const executionKey = (associationId: string, executionId: string): Key => ({
  pk: `ASSOCIATION-EXECUTIONS#${associationId}`,
  sk: executionId,
});
export const nodePartition = (nodeId: string): string => `NODE-ASSOCIATIONS#${nodeId}`;
export const nodeAssociationKey = (nodeId: string, associationId: string): Key => ({
  pk: nodePartition(nodeId),
  sk: associationId,
});
/** It lies before all associations, whose ids begin with a hexadecimal digit. */
export const appliedKey = (nodeId: string): Key => ({ pk: nodePartition(nodeId), sk: '#APPLIED' });
const firstAssociation = '0';

/** By what a node finds the associations that may be its own. */
export type TargetEntry =
  | { readonly by: 'everything' }
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'tag'; readonly key: string; readonly value: string }
  | { readonly by: 'tag-key'; readonly key: string }
  /** All groups share a partition: which of them a node belongs to, only their queries say. */
  | { readonly by: 'group'; readonly name: string };

export function targetPartition(entry: TargetEntry | { readonly by: 'group' }): string {
  switch (entry.by) {
    case 'everything':
      return 'ASSOCIATIONS-FOR#everything';
    case 'id':
      return `ASSOCIATIONS-FOR#id#${entry.id}`;
    case 'tag':
      return `ASSOCIATIONS-FOR#tag#${JSON.stringify([entry.key, entry.value])}`;
    case 'tag-key':
      return `ASSOCIATIONS-FOR#tag-key#${entry.key}`;
    case 'group':
      return 'ASSOCIATIONS-FOR#group';
  }
}

/** The sort keys of a group's entries begin so. No name of a group has a `#`. */
export const groupPrefix = (name: string): string => `${name}#`;

export function targetEntryKey(entry: TargetEntry, associationId: string): Key {
  const sk = entry.by === 'group' ? `${groupPrefix(entry.name)}${associationId}` : associationId;
  return { pk: targetPartition(entry), sk };
}

/** The association that an entry leads to. */
export const associationOfEntry = ({ sk }: Key): string => sk.slice(sk.lastIndexOf('#') + 1);

/** Of an inventory association, what decides whose it is. */
export interface InventoryEntryItem {
  readonly targets: Target[];
  readonly byAdmin?: boolean | undefined;
}

export function putExecution(execution: ExecutionItem): Put<ExecutionItem> {
  return {
    put: executionKey(execution.associationId, execution.executionId),
    body: execution,
    when: { row: 'absent' },
    shape: executionShape,
    expiresAt: Math.floor(execution.requestedAt / 1000) + retention,
  };
}

export function putNodeAssociation(
  item: NodeAssociationItem,
  row: Row<NodeAssociationItem> | undefined,
  events: readonly OutgoingEvent[],
): Put<NodeAssociationItem> {
  return { put: nodeAssociationKey(item.nodeId, item.associationId), body: item, when: asRead(row), events };
}

export function deleteNodeAssociation(row: Row<NodeAssociationItem>): Delete {
  return { delete: { pk: row.pk, sk: row.sk }, when: asRead(row) };
}

/** The row is as it was read. */
function asRead(row: Row | undefined): Condition {
  return row === undefined ? { row: 'absent' } : { version: row.version };
}

export function readAssociation(state: State, id: string): Promise<Row<AssociationItem> | undefined> {
  return state.get<AssociationItem>(associationKey(id));
}

/** Those that exist, in no order. Any number of ids. */
export async function readAssociations(state: State, ids: readonly string[]): Promise<AssociationItem[]> {
  const found: AssociationItem[] = [];
  for (let at = 0; at < ids.length; at += 100)
    for (const { body } of await state.getMany<AssociationItem>(ids.slice(at, at + 100).map(associationKey)))
      found.push(body);
  return found;
}

export function readExecution(
  state: State,
  associationId: string,
  executionId: string,
): Promise<Row<ExecutionItem> | undefined> {
  return state.get<ExecutionItem>(executionKey(associationId, executionId), { shape: executionShape });
}

/** The associations that a node has. */
export function readNodeAssociations(state: State, nodeId: string): Promise<Row<NodeAssociationItem>[]> {
  return queryAll<NodeAssociationItem>(state, { pk: nodePartition(nodeId), from: firstAssociation });
}

/** A page of what a node has, and whether it was ever looked up what it should have. In one read. */
export async function readNodePage(
  state: State,
  nodeId: string,
  { from, limit }: { readonly from?: string | undefined; readonly limit: number },
): Promise<{ readonly rows: Row<NodeAssociationItem>[]; readonly next?: string; readonly isApplied: boolean }> {
  const page = await state.query<NodeAssociationItem>({
    pk: nodePartition(nodeId),
    ...(from === undefined ? {} : { from }),
    // One more than the page shows that there is another page; the mark is one more.
    limit: limit + 2,
  });
  const rows = page.rows.filter(({ sk }) => sk >= firstAssociation);
  const next = rows[limit]?.sk;
  return {
    rows: rows.slice(0, limit),
    ...(next === undefined ? {} : { next }),
    isApplied: from !== undefined || rows.length < page.rows.length,
  };
}
