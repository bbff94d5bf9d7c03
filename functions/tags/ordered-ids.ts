/** Sources of ids in ascending order. Tag queries and target resolution join several of them. */
import type { TagIndex } from './store.ts';

export interface IdSource {
  /** The first id at or after `id`; `undefined` when there is none. Later calls must not ask for a smaller id. */
  atLeast(id: string): Promise<string | undefined>;
}

/** The smallest string after `id` that can be an id: ids never contain a blank. */
export const justAfter = (id: string): string => `${id} `;

type ReadShard = (
  shard: string,
  from: string,
  limit: number,
) => Promise<{ readonly ids: readonly string[]; readonly more: boolean }>;

/** The ids of a sharded partition, read one page at a time and only from where they are needed. */
export class OrderedIds implements IdSource {
  readonly #shards: TagIndex;
  readonly #read: ReadShard;
  readonly #pageSize: number;
  /** The ids read from the current shard, and the position in them. */
  #ids: readonly string[] = [];
  #at = 0;
  #shard = 0;
  /** Where the unread rest of the current shard begins; `undefined` at its end. */
  #rest: string | undefined = '';

  constructor(shards: TagIndex, read: ReadShard, pageSize = 100) {
    this.#shards = shards;
    this.#read = read;
    this.#pageSize = pageSize;
  }

  async atLeast(id: string): Promise<string | undefined> {
    this.#skipShardsBefore(id);
    for (;;) {
      let next: string | undefined;
      while ((next = this.#ids[this.#at]) !== undefined && next < id) this.#at++;
      if (next !== undefined) return next;
      if (this.#rest === undefined && !this.#nextShard()) return undefined;
      await this.#readOn(id);
    }
  }

  async #readOn(id: string): Promise<void> {
    const shard = this.#shards.shards[this.#shard];
    if (shard === undefined || this.#rest === undefined) return;
    const { ids, more } = await this.#read(shard, id > this.#rest ? id : this.#rest, this.#pageSize);
    this.#ids = ids;
    this.#at = 0;
    const last = ids.at(-1);
    this.#rest = more && last !== undefined ? justAfter(last) : undefined;
  }

  #nextShard(): boolean {
    if (this.#shard + 1 >= this.#shards.shards.length) return false;
    this.#goTo(this.#shard + 1);
    return true;
  }

  #skipShardsBefore(id: string): void {
    const shard = this.#shards.shards.indexOf(this.#shards.shardOf(id));
    if (shard > this.#shard) this.#goTo(shard);
  }

  #goTo(shard: number): void {
    this.#shard = shard;
    this.#ids = [];
    this.#at = 0;
    this.#rest = '';
  }
}

/** Ids that are known already. */
export class GivenIds implements IdSource {
  readonly #ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.#ids = [...ids].sort();
  }

  async atLeast(id: string): Promise<string | undefined> {
    return this.#ids.find((given) => given >= id);
  }
}

/** Ids that any of the sources has. */
export class AnyOf implements IdSource {
  readonly #sources: readonly IdSource[];

  constructor(sources: readonly IdSource[]) {
    this.#sources = sources;
  }

  async atLeast(id: string): Promise<string | undefined> {
    const found = await Promise.all(this.#sources.map((source) => source.atLeast(id)));
    return found.reduce(
      (least, next) => (least === undefined || (next !== undefined && next < least) ? next : least),
      undefined,
    );
  }
}

/** The ids of a source that have a prefix. */
export class WithPrefix implements IdSource {
  readonly #source: IdSource;
  readonly #prefix: string;

  constructor(source: IdSource, prefix: string) {
    this.#source = source;
    this.#prefix = prefix;
  }

  async atLeast(id: string): Promise<string | undefined> {
    const found = await this.#source.atLeast(id < this.#prefix ? this.#prefix : id);
    return found?.startsWith(this.#prefix) === true ? found : undefined;
  }
}

/** The first `limit` ids at or after `from` that all sources have. */
export async function idsOfAll(sources: readonly IdSource[], from: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let candidate = from;
  while (ids.length < limit) {
    let agreed = true;
    for (const source of sources) {
      const found = await source.atLeast(candidate);
      if (found === undefined) return ids;
      if (found !== candidate) {
        agreed = false;
        candidate = found;
      }
    }
    if (agreed) {
      ids.push(candidate);
      candidate = justAfter(candidate);
    }
  }
  return ids;
}
