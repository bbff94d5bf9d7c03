/** The State port as its contract reads, in memory and in the plainest way: what implementations are held against. */
import type { Clock } from '../../core/clock.ts';
import {
  ConditionFailed,
  type Check,
  type Condition,
  type IndexKeys,
  type IndexName,
  type Key,
  type Query,
  type Row,
  type State,
  type Update,
  type Write,
} from '../../core/state.ts';

interface ModelRow {
  readonly key: Key;
  readonly version: number;
  readonly body: Record<string, unknown>;
  readonly indexes: IndexKeys;
  readonly expiresAt?: number | undefined;
}

type AnyWrite = Write | Check | Parameters<State['batch']>[0][number];

export class ModelState {
  readonly #clock: Clock;
  readonly #rows = new Map<string, ModelRow>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: Key): Row | undefined {
    const row = this.#find(key);
    return row && shown(row);
  }

  /** All pages at once, each row with the key that the query speaks of. */
  query({
    pk,
    index,
    from,
    to,
    prefix,
    reverse,
  }: Omit<Query, 'after' | 'limit'>): { readonly at: string; readonly row: Row }[] {
    const found = [...this.#rows.values()].flatMap((row) => {
      const key = index === undefined ? row.key : row.indexes[index];
      const fits =
        key?.pk === pk &&
        !this.#isExpired(row) &&
        (prefix === undefined || key.sk.startsWith(prefix)) &&
        (from === undefined || compare(key.sk, from) >= 0) &&
        (to === undefined || compare(key.sk, to) <= 0);
      return fits ? [{ at: key.sk, row: shown(row) }] : [];
    });
    found.sort((one, other) => compare(one.at, other.at));
    return reverse ? found.reverse() : found;
  }

  /** @throws ConditionFailed */
  write(write: Write): Row | undefined {
    this.transact([write]);
    return 'delete' in write ? undefined : this.get('put' in write ? write.put : write.update);
  }

  /** @throws ConditionFailed */
  transact(writes: readonly AnyWrite[]): void {
    writes.forEach((write, place) => {
      const key = keyOf(write);
      if ('when' in write && write.when !== undefined && !holds(write.when, this.#find(key)))
        throw new ConditionFailed(key, place);
    });
    for (const write of writes) this.#apply(write);
  }

  #apply(write: AnyWrite): void {
    if ('check' in write) return;
    const key = keyOf(write);
    const store = (row: Omit<ModelRow, 'key' | 'body'> & { readonly body: object }): unknown =>
      this.#rows.set(name(key), { key, ...row, body: JSON.parse(JSON.stringify(row.body)) as Record<string, unknown> });
    if ('delete' in write) this.#rows.delete(name(key));
    else if ('put' in write) {
      const required = 'when' in write ? (write.when?.version ?? 0) : 0;
      store({ version: required + 1, body: write.body, indexes: write.indexes ?? {}, expiresAt: write.expiresAt });
    } else {
      const old = this.#find(key);
      store({
        version: (old?.version ?? 0) + 1,
        body: changed(old?.body ?? {}, write),
        indexes: changedIndexes(old?.indexes ?? {}, write),
        expiresAt: write.expiresAt === null ? undefined : (write.expiresAt ?? old?.expiresAt),
      });
    }
  }

  #find(key: Key): ModelRow | undefined {
    const row = this.#rows.get(name(key));
    return row === undefined || this.#isExpired(row) ? undefined : row;
  }

  #isExpired({ expiresAt }: ModelRow): boolean {
    return expiresAt !== undefined && expiresAt <= Math.floor(this.#clock.now() / 1000);
  }
}

function holds(
  { row: presence, version, equals = {}, oneOf = {}, missing = [] }: Condition,
  row: ModelRow | undefined,
): boolean {
  const checks: boolean[] = [
    presence === undefined || (presence === 'present') === (row !== undefined),
    version === undefined || version === row?.version,
  ];
  for (const [member, value] of Object.entries(equals)) checks.push(row?.body[member] === value);
  for (const [member, values] of Object.entries(oneOf))
    checks.push(values.some((value) => row?.body[member] === value));
  for (const member of missing) checks.push(row?.body[member] === undefined);
  return checks.every(Boolean);
}

function changed(old: Record<string, unknown>, { set = {}, remove = [], add = {} }: Update): Record<string, unknown> {
  const body = new Map([...Object.entries(old), ...Object.entries(set)]);
  for (const member of remove) body.delete(member);
  for (const [member, amount] of Object.entries(add))
    body.set(member, ((body.get(member) as number | undefined) ?? 0) + amount);
  return Object.fromEntries(body);
}

function changedIndexes(old: IndexKeys, { indexes = {} }: Update): IndexKeys {
  const keys: { [index in IndexName]?: Key } = { ...old };
  for (const [index, key] of Object.entries(indexes) as [IndexName, Key | null][]) {
    if (key === null) delete keys[index];
    else keys[index] = key;
  }
  return keys;
}

function shown({ key, version, body, expiresAt }: ModelRow): Row {
  return { ...key, version, body, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

function keyOf(write: AnyWrite): Key {
  return 'put' in write ? write.put : 'update' in write ? write.update : 'delete' in write ? write.delete : write.check;
}

const name = ({ pk, sk }: Key): string => JSON.stringify([pk, sk]);
const compare = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
