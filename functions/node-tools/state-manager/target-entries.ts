/** The entries by which a node finds the associations that may be its own, without reading all of them. */
import { queryAll, type State } from '../../../core/state.ts';
import type { Context } from '../../../core/context.ts';
import { criteriaNowOfAll, criteriaOf, type Criterion, type Node, type Target } from '../../nodes/index.ts';
import {
  associationOfEntry,
  groupPrefix,
  inventoryPartition,
  readAssociations,
  targetEntryKey,
  targetPartition,
  type AssociationItem,
  type InventoryEntryItem,
  type TargetEntry,
} from './store.ts';

/** Writes in one batch. */
const batchSize = 25;

/** A group first, because one that changes must find its associations; then what the fewest nodes meet. */
const order = ['group', 'id', 'tag', 'tag-key', 'everything', 'id-prefix'] as const;

/**
 * Where an association is entered. A node must meet all criteria of its targets, so one of them is enough. Pure.
 * @throws InvalidTarget for targets that are not well-formed
 */
export function targetEntriesOf(targets: readonly Target[]): TargetEntry[] {
  const all = criteriaOf(targets);
  const [first = { by: 'everything' } as const] = order.flatMap((by) => all.filter((criterion) => criterion.by === by));
  switch (first.by) {
    case 'group':
      return [{ by: 'group', name: first.name }];
    case 'id':
      return first.ids.map((id) => ({ by: 'id', id }));
    case 'tag':
      return first.values.map((value) => ({ by: 'tag', key: first.key, value }));
    case 'tag-key':
      return first.keys.map((key) => ({ by: 'tag-key', key }));
    case 'everything':
    case 'id-prefix':
      return [{ by: 'everything' }];
  }
}

/**
 * Enters an association, before it is written. An entry of an association that is not there leads nowhere.
 */
export async function writeTargetEntries(
  { associationId, targets }: Pick<AssociationItem, 'associationId' | 'targets'>,
  state: State,
): Promise<void> {
  const puts = targetEntriesOf(targets).map((entry) => ({ put: targetEntryKey(entry, associationId), body: {} }));
  for (let at = 0; at < puts.length; at += batchSize) await state.batch(puts.slice(at, at + batchSize));
}

/** Removes the entries of an association that is gone. */
export async function deleteTargetEntries(
  { associationId, targets }: Pick<AssociationItem, 'associationId' | 'targets'>,
  state: State,
): Promise<void> {
  const deletes = targetEntriesOf(targets).map((entry) => ({ delete: targetEntryKey(entry, associationId) }));
  for (let at = 0; at < deletes.length; at += batchSize) await state.batch(deletes.slice(at, at + batchSize));
}

/** The associations whose targets a node may meet: all that it meets are among them. */
export async function findAssociations(node: Pick<Node, 'id' | 'tags'>, state: State): Promise<AssociationItem[]> {
  const partitions = [
    targetPartition({ by: 'everything' }),
    targetPartition({ by: 'group' }),
    targetPartition({ by: 'id', id: node.id }),
    ...Object.entries(node.tags).flatMap(([key, value]) => [
      targetPartition({ by: 'tag', key, value }),
      targetPartition({ by: 'tag-key', key }),
    ]),
  ];
  const entries = await Promise.all(partitions.map((pk) => queryAll(state, { pk })));
  return readAssociations(state, [...new Set(entries.flat().map(associationOfEntry))]);
}

/** Whether any association is for a group. */
export async function isGroupTargeted(group: string, state: State): Promise<boolean> {
  const page = await state.query({ pk: targetPartition({ by: 'group' }), prefix: groupPrefix(group), limit: 1 });
  return page.rows.length > 0;
}

/** An association with what a node must meet to have it: the queries of resource groups as they are now. */
export interface Candidate<
  Item extends Pick<AssociationItem, 'associationId'> = Pick<AssociationItem, 'associationId' | 'byAdmin'>,
> {
  readonly association: Item;
  readonly criteria: readonly Criterion[];
}

export async function withCriteria<Item extends Pick<AssociationItem, 'associationId' | 'targets'>>(
  associations: readonly Item[],
  context: Context,
): Promise<Candidate<Item>[]> {
  const criteria = await criteriaNowOfAll(
    context,
    associations.map(({ targets }) => targets),
  );
  return associations.map((association, at) => ({ association, criteria: criteria[at] ?? [] }));
}

/** All inventory associations. They are few. */
export async function readInventories(context: Context): Promise<Candidate[]> {
  const rows = await queryAll<InventoryEntryItem>(context.state, { pk: inventoryPartition });
  return withCriteria(
    rows.map(({ sk, body: { targets, byAdmin } }) => ({ associationId: sk, targets, byAdmin })),
    context,
  );
}
