import type { Room } from '../../room.ts';
import { copyKind, handleCopy } from './copy-attachments.ts';
import { createDocument, deleteDocument, describeDocument, getDocument } from './documents.ts';
import { listDocuments } from './list-documents.ts';
import { describeDocumentPermission, modifyDocumentPermission } from './permissions.ts';
import { handlePurge, purgeKind } from './purge-document.ts';
import { taggableDocument } from './taggable.ts';
import { listDocumentVersions, updateDocument, updateDocumentDefaultVersion } from './versions.ts';

export const room = {
  name: 'documents',
  operations: {
    ssm: {
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
    },
  },
  timers: { [copyKind]: handleCopy, [purgeKind]: handlePurge },
  taggableKinds: [taggableDocument],
} satisfies Room;
