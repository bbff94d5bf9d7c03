/**
 * Keys and items of State Manager.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | association | `ASSOCIATION#<id>` | `ASSOCIATION` |
 * | its place in the list | `ASSOCIATIONS` | `<id>` |
 * | a document and node bound the old way | `LEGACY-ASSOCIATION#<node>` | `<document name>` |
 * | execution | `ASSOCIATION-EXECUTIONS#<association>` | `<execution>` |
 * | news for an execution's counters | `ASSOCIATION-NEWS#<execution>#<shard>` | `<node>#<place>` |
 * | an association on a node | `NODE-ASSOCIATIONS#<node>` | `<association>` |
 *
 * The list holds what decides whether an association is a node's, so that a node's associations are found by
 * one read of it: associations are hundreds, nodes tens of thousands.
 */
import type { InstanceAssociationOutputLocation, Target } from '@aws-sdk/client-ssm';
import { queryAll, type Delete, type Key, type Put, type Row, type State } from '../../../core/state.ts';
import type { NodeState, Overview, Tally } from './states.ts';

/** Executions are remembered so long, in seconds. */
const retention = 30 * 24 * 3600;

export const shards = 16;

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
  readonly status: Overview;
  readonly detailedStatus: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** What decides whether an association is a node's. */
export interface ListingItem {
  readonly associationId: string;
  readonly documentName: string;
  readonly targets: Target[];
  readonly byAdmin?: boolean | undefined;
}

export interface ExecutionItem {
  readonly associationId: string;
  readonly executionId: string;
  readonly associationVersion: number;
  readonly createdAt: number;
  /** The last target gone through; absent before the first. */
  readonly after?: string | undefined;
  /** All targets have been gone through, or no more will be. */
  readonly spread: boolean;
  /** Errors forbid more: what has not been reached waits for the next run. */
  readonly stopped: boolean;
  /** Why there is no run at all: the document is gone. */
  readonly problem?: string | undefined;
  /** How many targets there are; counted only where a percentage needs it. */
  readonly targetCount?: number | undefined;
  readonly started: number;
  readonly finished: number;
  /** Under way on nodes that were online when it was given to them: what MaxConcurrency counts. */
  readonly held: number;
  readonly tally: Tally;
  readonly status: Overview;
}

export interface NodeAssociationItem {
  readonly associationId: string;
  readonly nodeId: string;
  readonly executionId: string;
  readonly associationVersion: number;
  readonly documentName: string;
  readonly documentVersion: string;
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
  /** Whether it counts against MaxConcurrency. */
  readonly holds: boolean;
  /** Ends reported so far: names the news. */
  readonly ends: number;
}

/** Something the counters of an execution have yet to take in. */
export interface NewsItem {
  readonly nodeId: string;
  /** The node came to match while the execution was under way: one more that it was given to. */
  readonly joined?: true;
  /** How it had ended before, where it ran once more. */
  readonly from?: NodeState | undefined;
  /** How it ended. */
  readonly to?: NodeState | undefined;
  readonly holds: boolean;
}

export const associationKey = (id: string): Key => ({ pk: `ASSOCIATION#${id}`, sk: 'ASSOCIATION' });
export const listPartition = 'ASSOCIATIONS';
export const listKey = (id: string): Key => ({ pk: listPartition, sk: id });
export const legacyKey = (nodeId: string, documentName: string): Key => ({
  pk: `LEGACY-ASSOCIATION#${nodeId}`,
  sk: documentName,
});
export const executionKey = (associationId: string, executionId: string): Key => ({
  pk: `ASSOCIATION-EXECUTIONS#${associationId}`,
  sk: executionId,
});
export const newsPartition = (executionId: string, shard: number): string => `ASSOCIATION-NEWS#${executionId}#${shard}`;
export const nodePartition = (nodeId: string): string => `NODE-ASSOCIATIONS#${nodeId}`;
export const nodeAssociationKey = (nodeId: string, associationId: string): Key => ({
  pk: nodePartition(nodeId),
  sk: associationId,
});

const expiry = (milliseconds: number): number => Math.floor(milliseconds / 1000) + retention;

export function putExecution(execution: ExecutionItem): Put<ExecutionItem> {
  return {
    put: executionKey(execution.associationId, execution.executionId),
    body: execution,
    when: { row: 'absent' },
    expiresAt: expiry(execution.createdAt),
  };
}

/** @param place the same news written twice is written once */
export function putNews(executionId: string, news: NewsItem, place: number | 'joined', now: number): Put<NewsItem> {
  const shard = Number.parseInt(news.nodeId.slice(-1), 16) || 0;
  return {
    put: { pk: newsPartition(executionId, shard), sk: `${news.nodeId}#${place}` },
    body: news,
    expiresAt: expiry(now),
  };
}

export function deleteRow({ pk, sk }: Key): Delete {
  return { delete: { pk, sk } };
}

export function readAssociation(state: State, id: string): Promise<Row<AssociationItem> | undefined> {
  return state.get<AssociationItem>(associationKey(id));
}

export function readExecution(
  state: State,
  associationId: string,
  executionId: string,
): Promise<Row<ExecutionItem> | undefined> {
  return state.get<ExecutionItem>(executionKey(associationId, executionId));
}

/** Every association, as far as it decides whose it is. */
export async function readListing(state: State): Promise<ListingItem[]> {
  return (await queryAll<ListingItem>(state, { pk: listPartition })).map((row) => row.body);
}

export function readNodeAssociations(state: State, nodeId: string): Promise<Row<NodeAssociationItem>[]> {
  return queryAll<NodeAssociationItem>(state, { pk: nodePartition(nodeId) });
}
