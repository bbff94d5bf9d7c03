/** What Inventory registers. */
import type { SsmOperations } from '../../../core/operations.ts';
import { listInventoryEntries } from './entries.ts';
import { getInventory } from './get-inventory.ts';
import { putInventory } from './put-inventory.ts';
import { getInventorySchema } from './schemas.ts';

export const operations = {
  GetInventory: getInventory,
  GetInventorySchema: getInventorySchema,
  ListInventoryEntries: listInventoryEntries,
  PutInventory: putInventory,
} satisfies SsmOperations;
