/** Turns the State port's conditions and updates into DynamoDB's expressions. Pure. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { checkExpiry, checkKey } from '../core/state-limits.ts';
import type { Condition, IndexName, Key, Shaped, Update } from '../core/state.ts';
import { toAttribute } from './attribute-values.ts';
import { attributes, bodyAttribute, eventsAttribute, indexAttributes } from './state-item.ts';
import type { OutgoingEvent } from '../core/events.ts';

/** The names and values of an expression's placeholders. */
export class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values: AttributeValue[] = [];

  name(attribute: string): string {
    let placeholder = this.#names.get(attribute);
    if (placeholder === undefined) this.#names.set(attribute, (placeholder = `#n${this.#names.size}`));
    return placeholder;
  }

  value(value: AttributeValue): string {
    this.#values.push(value);
    return `:v${this.#values.length - 1}`;
  }

  /** The request's members for names and values: DynamoDB does not accept empty ones. */
  get parts(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  } {
    return {
      ...(this.#names.size === 0
        ? {}
        : {
            ExpressionAttributeNames: Object.fromEntries(
              [...this.#names].map(([attribute, placeholder]) => [placeholder, attribute]),
            ),
          }),
      ...(this.#values.length === 0
        ? {}
        : { ExpressionAttributeValues: Object.fromEntries(this.#values.map((value, index) => [`:v${index}`, value])) }),
    };
  }
}

/**
 * The condition as an expression; undefined where there is none. An expired row counts as absent, although the table
 * may still have it.
 * @param now epoch seconds
 */
export function conditionExpression(
  condition: Condition | undefined,
  placeholders: Placeholders,
  now: number,
): string | undefined {
  if (condition === undefined) return undefined;
  const { row, version, equals = {}, oneOf = {}, missing = [] } = condition;
  const parts: string[] = [];
  const name = (attribute: string): string => placeholders.name(attribute);
  const expired = (): string => `${name(attributes.expiresAt)} <= ${placeholders.value({ N: String(now) })}`;
  if (row === 'absent') parts.push(`(attribute_not_exists(${name(attributes.pk)}) OR ${expired()})`);
  if (row === 'present' || version !== undefined || Object.keys(equals).length > 0 || Object.keys(oneOf).length > 0)
    parts.push(`attribute_exists(${name(attributes.pk)})`, `NOT (${expired()})`);
  if (version !== undefined) parts.push(`${name(attributes.version)} = ${placeholders.value({ N: String(version) })}`);
  for (const [member, value] of Object.entries(equals))
    parts.push(`${name(bodyAttribute(member))} = ${placeholders.value(toAttribute(value))}`);
  for (const [member, values] of Object.entries(oneOf))
    parts.push(
      values.length === 0
        ? never(name)
        : `${name(bodyAttribute(member))} IN (${values.map((value) => placeholders.value(toAttribute(value))).join(', ')})`,
    );
  for (const member of missing) parts.push(`(attribute_not_exists(${name(bodyAttribute(member))}) OR ${expired()})`);
  return parts.length === 0 ? undefined : parts.join(' AND ');
}

/**
 * The condition of a write: its own, and that an existing row that has not expired is of no newer shape than the writer
 * knows.
 * @param now epoch seconds
 */
export function writeCondition(
  { when, shape = 1 }: { readonly when?: Condition } & Shaped,
  placeholders: Placeholders,
  now: number,
): string {
  const name = placeholders.name(attributes.shape);
  const expired = `${placeholders.name(attributes.expiresAt)} <= ${placeholders.value({ N: String(now) })}`;
  const known = `(attribute_not_exists(${name}) OR ${name} <= ${placeholders.value({ N: String(shape) })} OR ${expired})`;
  const own = conditionExpression(when, placeholders, now);
  return own === undefined ? known : `${own} AND ${known}`;
}

/** A condition that is never true. */
function never(name: (attribute: string) => string): string {
  return `attribute_not_exists(${name(attributes.pk)})`;
}

/** True unless the row has expired: an update must not change an expired row. */
export function notExpired(placeholders: Placeholders, now: number): string {
  return `NOT (${placeholders.name(attributes.expiresAt)} <= ${placeholders.value({ N: String(now) })})`;
}

export function updateExpression(
  { update, set = {}, remove = [], add = {}, indexes = {}, expiresAt, shape = 1 }: Update,
  events: readonly OutgoingEvent[],
  write: string,
  placeholders: Placeholders,
): string {
  const sets: string[] = [];
  const removes: string[] = [];
  const name = (attribute: string): string => placeholders.name(attribute);
  const put = (attribute: string, value: AttributeValue): unknown =>
    sets.push(`${name(attribute)} = ${placeholders.value(value)}`);
  const drop = (attribute: string): unknown => removes.push(name(attribute));

  const one = placeholders.value({ N: '1' });
  sets.push(
    `${name(attributes.version)} = if_not_exists(${name(attributes.version)}, ${placeholders.value({ N: '0' })}) + ${one}`,
  );
  put(attributes.write, { S: write });
  if (shape === 1) drop(attributes.shape);
  else put(attributes.shape, { N: String(shape) });
  // Each write's events replace the previous ones: the stream must not deliver those again.
  if (events.length > 0) put(attributes.events, eventsAttribute(events));
  else drop(attributes.events);
  const removed = new Set(remove);
  for (const [member, value] of Object.entries(set)) {
    if (removed.has(member) || value === undefined) removed.add(member);
    else put(bodyAttribute(member), toAttribute(JSON.parse(JSON.stringify(value))));
  }
  for (const member of removed) drop(bodyAttribute(member));
  for (const [index, key] of Object.entries(indexes) as [IndexName, Key | null | undefined][]) {
    if (key === undefined) continue;
    if (key !== null) checkKey(key);
    const at = indexAttributes(index);
    for (const part of ['pk', 'sk'] as const) {
      if (key === null) drop(at[part]);
      else put(at[part], { S: key[part] });
    }
  }
  checkExpiry(update, expiresAt);
  if (expiresAt === null) drop(attributes.expiresAt);
  else if (expiresAt !== undefined) put(attributes.expiresAt, { N: String(expiresAt) });
  const adds = Object.entries(add).map(
    ([member, amount]) => `${name(bodyAttribute(member))} ${placeholders.value({ N: String(amount) })}`,
  );
  return [
    `SET ${sets.join(', ')}`,
    ...(removes.length > 0 ? [`REMOVE ${removes.join(', ')}`] : []),
    ...(adds.length > 0 ? [`ADD ${adds.join(', ')}`] : []),
  ].join(' ');
}
