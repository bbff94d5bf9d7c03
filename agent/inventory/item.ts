/** One type of inventory in the form of an upload. All values are strings. */
export interface InventoryItem {
  readonly TypeName: string;
  readonly SchemaVersion: string;
  readonly Content: readonly Readonly<Record<string, string>>[];
}
