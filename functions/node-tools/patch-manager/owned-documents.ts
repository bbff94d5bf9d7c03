/** The documents with AWS's names that belong to Patch Manager. */
import { ownedDocument, type OwnedDocument } from '../../../core/owned-documents.ts';

export const ownedDocuments: readonly OwnedDocument[] = [
  ownedDocument('AWS-RunPatchBaseline', import.meta.url, '2026-11-23', { collects: true }),
];
