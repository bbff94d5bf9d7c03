/**
 * Keys and items of documents.
 *
 * | row | pk | sk |
 * |---|---|---|
 * | document | `DOCUMENT#<name>` | `DOCUMENT` |
 * | its place in the list | `DOCUMENTS` | `<name>` |
 * | an account it is shared with | `DOCUMENT-SHARES#<document id>` | `<account>` |
 * | its place among them | `DOCUMENT-SHARES#<document id>` | `ORDER#<padded number>` |
 * | version | `DOCUMENT-VERSIONS#<document id>` | `VERSION#<padded number>` |
 * | name of a version | `DOCUMENT-VERSIONS#<document id>` | `NAME#<version name>` |
 * | content of a version | `DOCUMENT-VERSIONS#<document id>` | `CONTENT#<sha-256>` |
 *
 * Accounts are listed in the order in which they were added: Terraform compares the list with its own.
 * Names of versions and contents are rows because they must be unique within the document. A document's id is
 * ours alone: a name that was deleted is free at once, while the versions that went with it are swept behind.
 */
import type { DocumentRequires } from '@aws-sdk/client-ssm';
import { padded } from '../../../core/keys-of-rows.ts';
import type { Key, Put } from '../../../core/state.ts';
import { oneShard, type TagTarget } from '../../tags/index.ts';
import type { AttachmentSource } from './attachment-sources.ts';
import type { DocumentFormat } from './content.ts';
import type { DocumentType } from './document-types.ts';
import type { Platform } from './types/plugins.ts';

export interface DocumentItem {
  readonly id: string;
  readonly name: string;
  readonly documentType: DocumentType;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly defaultVersion: number;
  /** The highest existing version. */
  readonly latestVersion: number;
  /** The highest number ever used: the number of a deleted version is not reused. */
  readonly lastVersion: number;
  /** The number of versions. */
  readonly versions: number;
  /** The number of accounts it is shared with; `all` counts as one. */
  readonly shares: number;
  /** How many accounts were ever added, which is the position of the next one. Absent: none. */
  readonly sharesEver?: number | undefined;
}

export interface VersionItem {
  readonly name: string;
  readonly documentType: DocumentType;
  readonly version: number;
  readonly versionName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly targetType?: string | undefined;
  readonly requires?: DocumentRequires[] | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly format: DocumentFormat;
  /** As it was sent. */
  readonly text: string;
  /** Lower-case hexadecimal SHA-256 of the text. */
  readonly hash: string;
  /**
   * Whether an admin wrote it, and admins stored all that is attached (core/admin-work.ts). Absent in rows of earlier
   * versions, where it counts as no.
   */
  readonly byAdmin?: boolean | undefined;
  /** Absent: active. `Creating` while attachments are copied. */
  readonly status?: 'Creating' | 'Active' | 'Failed' | undefined;
  /** Why it failed. */
  readonly statusInformation?: string | undefined;
  /** The sources of the attachments. */
  readonly sources?: readonly AttachmentSource[] | undefined;
  readonly attachments?: readonly AttachmentItem[] | undefined;
  /** While they are copied: the files copied so far. */
  readonly copied?: readonly AttachmentItem[] | undefined;
}

/** A file in the service's own bucket. */
export interface AttachmentItem {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal SHA-256. */
  readonly hash: string;
  /** Whether admins stored what it was copied from. */
  readonly byAdmin?: boolean | undefined;
}

/** What the list shows of a document's default version. */
export interface ListingItem {
  readonly name: string;
  readonly documentType: DocumentType;
  readonly createdAt: number;
  readonly version: number;
  readonly versionName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly targetType?: string | undefined;
  readonly requires?: DocumentRequires[] | undefined;
  readonly description?: string | undefined;
  readonly format: DocumentFormat;
  readonly schemaVersion: string;
  readonly platformTypes: readonly Platform[];
}

export interface ShareItem {
  /** 12 digits, or `all`. */
  readonly accountId: string;
  readonly sharedDocumentVersion: string;
  /** The position among the accounts, from 0. */
  readonly place: number;
}

/** The resource type of documents' tags. */
export const documentResource = 'Document';
/** A document as a target of tags. */
export const documentTags = (name: string): TagTarget => ({
  resourceType: documentResource,
  resourceId: name,
  index: oneShard,
});

export const documentKey = (name: string): Key => ({ pk: `DOCUMENT#${name}`, sk: 'DOCUMENT' });
export const listPartition = 'DOCUMENTS';
export const listKey = (name: string): Key => ({ pk: listPartition, sk: name });
export const sharesPartition = (id: string): string => `DOCUMENT-SHARES#${id}`;
export const shareKey = (id: string, accountId: string): Key => ({ pk: sharesPartition(id), sk: accountId });
export const shareOrderPrefix = 'ORDER#';
export const shareOrderKey = (id: string, index: number): Key => ({
  pk: sharesPartition(id),
  sk: `${shareOrderPrefix}${padded(index, 10)}`,
});
export const versionsPartition = (id: string): string => `DOCUMENT-VERSIONS#${id}`;
export const versionPrefix = 'VERSION#';
export const versionKey = (id: string, version: number): Key => ({
  pk: versionsPartition(id),
  sk: `${versionPrefix}${padded(version, 10)}`,
});
export const versionNameKey = (id: string, versionName: string): Key => ({
  pk: versionsPartition(id),
  sk: `NAME#${versionName}`,
});
export const contentKey = (id: string, hash: string): Key => ({ pk: versionsPartition(id), sk: `CONTENT#${hash}` });

/** The rows of a new version. The write fails where its number, name or content exists already. */
export function putVersion(
  id: string,
  version: VersionItem,
): { readonly row: Put; readonly content: Put; readonly name: Put | undefined } {
  const pointer = { version: version.version };
  return {
    row: { put: versionKey(id, version.version), body: version, when: { row: 'absent' } },
    content: { put: contentKey(id, version.hash), body: pointer, when: { row: 'absent' } },
    name:
      version.versionName === undefined
        ? undefined
        : { put: versionNameKey(id, version.versionName), body: pointer, when: { row: 'absent' } },
  };
}
