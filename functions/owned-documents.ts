/** AWS's documents, joined from the rooms that own them. Apart from the registry, since every Context carries them. */
import type { OwnedDocument } from '../core/owned-documents.ts';
import { ownedDocuments as inventory } from './node-tools/inventory/owned-documents.ts';
import { ownedDocuments as patchManager } from './node-tools/patch-manager/owned-documents.ts';
import { ownedDocuments as runCommand } from './node-tools/run-command/owned-documents.ts';

export const ownedDocuments: readonly OwnedDocument[] = [...inventory, ...patchManager, ...runCommand];
