/** The documents with AWS's names that belong to Inventory. */
import { ownedDocument, type OwnedDocument } from '../../../core/owned-documents.ts';

export const ownedDocuments: readonly OwnedDocument[] = [
  ownedDocument('AWS-GatherSoftwareInventory', import.meta.url, '2026-11-23', { documentType: 'Policy' }),
];
