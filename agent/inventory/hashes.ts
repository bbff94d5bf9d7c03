/** Hashes of what was uploaded last, by type; kept on the disk so that a restart does not send everything anew. */
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
