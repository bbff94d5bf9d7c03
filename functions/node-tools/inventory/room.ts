import type { Room } from '../../room.ts';
import { listInventoryEntries } from './entries.ts';
import { getInventory } from './get-inventory.ts';
import { ownedDocuments } from './owned-documents.ts';
import { putInventory } from './put-inventory.ts';
import { getInventorySchema } from './schemas.ts';

export const room = {
  name: 'inventory',
  operations: {
    ssm: {
      GetInventory: getInventory,
      GetInventorySchema: getInventorySchema,
      ListInventoryEntries: listInventoryEntries,
      PutInventory: putInventory,
    },
  },
  ownedDocuments,
} satisfies Room;
