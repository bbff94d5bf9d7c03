/** Buckets on one machine: rows of the index of files. */
import {
  BucketNotEmpty,
  type BucketInfo,
  type BucketStore,
  type Versioning,
} from '../../functions/files-door/object-store.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import type { BucketRows } from './bucket-rows.ts';
import type { ObjectRows } from './object-rows.ts';

export class DiskBuckets implements BucketStore {
  readonly #buckets: BucketRows;
  readonly #objects: Pick<ObjectRows, 'isEmpty'>;
  readonly #commit: GroupCommit;

  constructor(buckets: BucketRows, objects: Pick<ObjectRows, 'isEmpty'>, commit: GroupCommit) {
    this.#buckets = buckets;
    this.#objects = objects;
    this.#commit = commit;
  }

  async list(): Promise<readonly BucketInfo[]> {
    return this.#commit.read(() => this.#buckets.all());
  }

  async delete(bucket: string): Promise<void> {
    await this.#commit.write(
      () => {
        this.#buckets.get(bucket);
        if (!this.#objects.isEmpty(bucket)) throw new BucketNotEmpty(bucket);
      },
      () => this.#buckets.remove(bucket),
    );
  }

  async versioning(bucket: string): Promise<Versioning | undefined> {
    return this.#commit.read(() => this.#buckets.get(bucket).versioning ?? undefined);
  }

  async setVersioning(bucket: string, versioning: Versioning): Promise<void> {
    await this.#commit.write(
      () => this.#buckets.get(bucket),
      () => this.#buckets.setVersioning(bucket, versioning),
    );
  }

  async lifecycle(bucket: string): Promise<string | undefined> {
    return this.#commit.read(() => this.#buckets.get(bucket).lifecycle ?? undefined);
  }

  async setLifecycle(bucket: string, rules: string | undefined): Promise<void> {
    await this.#commit.write(
      () => this.#buckets.get(bucket),
      () => this.#buckets.setLifecycle(bucket, rules),
    );
  }
}
