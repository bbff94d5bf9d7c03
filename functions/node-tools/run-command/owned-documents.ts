/** The documents of AWS's names that Run Command owns. */
import { ownedDocument, type OwnedDocument } from '../../../core/owned-documents.ts';

export const ownedDocuments: readonly OwnedDocument[] = [
  ownedDocument('AWS-Noop', import.meta.url, '2026-11-23'),
  ownedDocument('AWS-RefreshAssociation', import.meta.url, '2026-11-23'),
  ownedDocument('AWS-RunDocument', import.meta.url, '2026-11-23'),
  ownedDocument('AWS-RunPowerShellScript', import.meta.url, '2026-11-23'),
  ownedDocument('AWS-RunRemoteScript', import.meta.url, '2026-11-23'),
  ownedDocument('AWS-RunShellScript', import.meta.url, '2026-11-23'),
];
