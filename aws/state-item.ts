/**
 * A row as an item of the table. Members of the body are separate attributes, because conditions and updates name them.
 * A prefix separates them from the row's own attributes.
 */
import { readEvents, type OutgoingEvent } from '../core/events.ts';
import { eventsOfOutbox, outboxPartition, type OutboxItem } from '../core/outbox.ts';
import { checkExpiry, checkKey } from '../core/state-limits.ts';
import {
  checkShape,
  type Body,
  type IndexKeys,
  type IndexName,
  type Key,
  type Row,
  type Shaped,
} from '../core/state.ts';
import { fromAttribute, toAttribute, type Item } from './attribute-values.ts';

/** The row's own attributes. stacks/state.ts makes keys and expiry of them; stacks/changes.ts filters by the events. */
export const attributes = {
  pk: 'pk',
  sk: 'sk',
  version: 'version',
  expiresAt: 'expiresAt',
  events: '_events',
  write: '_write',
  shape: '_shape',
} as const;

const bodyPrefix = 'b_';

/** The attribute of a member of the body. */
export function bodyAttribute(member: string): string {
  return `${bodyPrefix}${member}`;
}

export function indexAttributes(index: IndexName): { readonly pk: string; readonly sk: string } {
  return { pk: `${index}pk`, sk: `${index}sk` };
}

/** @throws StateLimitExceeded */
export function keyItem({ pk, sk }: Key): Item {
  checkKey({ pk, sk });
  return { [attributes.pk]: { S: pk }, [attributes.sk]: { S: sk } };
}

export interface ItemParts extends Key {
  readonly version: number;
  readonly body: Body;
  readonly shape?: number | undefined;
  readonly indexes?: IndexKeys | undefined;
  /** Epoch seconds. */
  readonly expiresAt?: number | undefined;
  readonly events?: readonly OutgoingEvent[] | undefined;
  /** The id of the write. A repeated request is recognized by it. */
  readonly write?: string | undefined;
}

export function toRowItem({
  pk,
  sk,
  version,
  body,
  shape = 1,
  indexes = {},
  expiresAt,
  events = [],
  write,
}: ItemParts): Item {
  const item: Item = { ...keyItem({ pk, sk }), [attributes.version]: { N: String(version) } };
  for (const [member, value] of Object.entries(JSON.parse(JSON.stringify(body)) as object))
    item[bodyAttribute(member)] = toAttribute(value);
  for (const [index, key] of Object.entries(indexes) as [IndexName, Key | undefined][]) {
    if (key === undefined) continue;
    checkKey(key);
    item[indexAttributes(index).pk] = { S: key.pk };
    item[indexAttributes(index).sk] = { S: key.sk };
  }
  checkExpiry({ pk, sk }, expiresAt);
  if (expiresAt !== undefined) item[attributes.expiresAt] = { N: String(expiresAt) };
  if (events.length > 0) item[attributes.events] = eventsAttribute(events);
  if (write !== undefined) item[attributes.write] = { S: write };
  if (shape !== 1) item[attributes.shape] = { N: String(shape) };
  return item;
}

/** As text: a filter of the stream only checks that it exists. */
export function eventsAttribute(events: readonly OutgoingEvent[]): { readonly S: string } {
  return { S: JSON.stringify(events) };
}

export function toRow<T extends Body>(item: Item): Row<T> {
  const members = Object.entries(item).flatMap(([name, value]) =>
    name.startsWith(bodyPrefix) ? [[name.slice(bodyPrefix.length), fromAttribute(value)] as const] : [],
  );
  const expiresAt = expiryOf(item);
  const shape = shapeOf(item);
  return {
    ...keyOfItem(item),
    version: versionOf(item),
    body: Object.fromEntries(members) as T,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(shape === 1 ? {} : { shape }),
  };
}

export function keyOfItem(item: Item): Key {
  return { pk: item[attributes.pk]?.S ?? '', sk: item[attributes.sk]?.S ?? '' };
}

export function shapeOf(item: Item): number {
  return Number(item[attributes.shape]?.N ?? 1);
}

/** @param now epoch seconds @throws RowTooNew for an existing row of a newer shape than the caller knows */
export function refuseNewer(item: Item | undefined, known: Shaped | undefined, now: number): void {
  if (item === undefined || isExpired(item, now)) return;
  checkShape({ ...keyOfItem(item), shape: shapeOf(item) }, known);
}

export function versionOf(item: Item): number {
  return Number(item[attributes.version]?.N ?? 0);
}

/** Epoch seconds. */
export function expiryOf(item: Item): number | undefined {
  const expiry = item[attributes.expiresAt]?.N;
  return expiry === undefined ? undefined : Number(expiry);
}

/** DynamoDB removes expired items only within days; until then readers must not see them. @param now epoch seconds */
export function isExpired(item: Item, now: number): boolean {
  const expiry = expiryOf(item);
  return expiry !== undefined && expiry <= now;
}

const outboxPrefix = outboxPartition(0).slice(0, -1);

/** Whether a row exists only to carry events. */
export function isOutbox({ pk }: Key): boolean {
  return pk.startsWith(outboxPrefix);
}

/** The events that a written item carries. @throws UnreadableEvents */
export function eventsOf(item: Item): readonly OutgoingEvent[] {
  if (isOutbox(keyOfItem(item))) return eventsOfOutbox(toRow<OutboxItem>(item).body);
  const text = item[attributes.events]?.S;
  return text === undefined ? [] : readEvents(text);
}
