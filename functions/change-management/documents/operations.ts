/** What the documents register. */
import type { SsmOperations } from '../../../core/operations.ts';
import type { TimerHandler } from '../../../core/timers.ts';
import { copyKind, handleCopy } from './copy-attachments.ts';
import { createDocument, deleteDocument, describeDocument, getDocument } from './documents.ts';
import { listDocuments } from './list-documents.ts';
import { describeDocumentPermission, modifyDocumentPermission } from './permissions.ts';
import { handlePurge, purgeKind } from './purge-document.ts';
import { listDocumentVersions, updateDocument, updateDocumentDefaultVersion } from './versions.ts';

export const operations = {
  CreateDocument: createDocument,
  DeleteDocument: deleteDocument,
  DescribeDocument: describeDocument,
  DescribeDocumentPermission: describeDocumentPermission,
  GetDocument: getDocument,
  ListDocumentVersions: listDocumentVersions,
  ListDocuments: listDocuments,
  ModifyDocumentPermission: modifyDocumentPermission,
  UpdateDocument: updateDocument,
  UpdateDocumentDefaultVersion: updateDocumentDefaultVersion,
} satisfies SsmOperations;

export const timers: Readonly<Record<string, TimerHandler>> = { [copyKind]: handleCopy, [purgeKind]: handlePurge };
