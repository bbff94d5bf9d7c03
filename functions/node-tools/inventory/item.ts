/** One type of one node: PutInventory replaces it as a whole. */

/** Attribute names to values; all values are strings. */
export type Entry = Readonly<Record<string, string>>;

export interface Item {
  readonly typeName: string;
  /** The value of the context key that separates several items of one type (ComplianceType); else empty. */
  readonly subType: string;
  readonly schemaVersion: string;
  /** As the node sent it: `2026-01-31T10:00:00Z`. */
  readonly captureTime: string;
  readonly contentHash?: string;
  readonly context?: Entry;
  readonly entries: readonly Entry[];
}
