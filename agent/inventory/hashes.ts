/**
 * Hashes of the items uploaded last, by type. They are stored on the disk, so that a restart does not upload everything
 * again.
 */
import { JsonFolder } from '../state-folder.ts';

export class InventoryHashes extends Map<string, string> {
  readonly #folder: JsonFolder<Record<string, string>>;

  constructor(folder: string) {
    super();
    this.#folder = new JsonFolder(folder);
    for (const [type, hash] of Object.entries(this.#folder.read('hashes') ?? {})) super.set(type, hash);
  }

  override set(type: string, hash: string): this {
    super.set(type, hash);
    this.#folder.write('hashes', Object.fromEntries(this));
    return this;
  }
}
