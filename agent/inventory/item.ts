/** One type of inventory as it is uploaded. All values are text. */
export interface InventoryItem {
  readonly TypeName: string;
  readonly SchemaVersion: string;
  readonly Content: readonly Readonly<Record<string, string>>[];
}
