/** One type of one node: what PutInventory replaces as a whole. */

/** Attribute names to values; all values are texts. */
export type Entry = Readonly<Record<string, string>>;

export interface Item {
  readonly typeName: string;
  /** The value of the context key that keeps several sets of one type apart (ComplianceType); else empty. */
  readonly subType: string;
  readonly schemaVersion: string;
  /** As the node gave it: `2026-01-31T10:00:00Z`. */
  readonly captureTime: string;
  readonly contentHash?: string;
  readonly context?: Entry;
  readonly entries: readonly Entry[];
}
