/** A document's row in the list: what ListDocuments shows and filters by. */
import type { Put } from '../../../core/state.ts';
import type { ResolvedDocument } from './resolve-document.ts';
import { listKey, type DocumentItem, type ListingItem } from './store.ts';

/** The part of a description in which keywords are searched. */
const describedAt = 1024;

/** @param version the default version, current or about to be */
export function listingOf(
  document: Pick<DocumentItem, 'name' | 'createdAt' | 'documentType'>,
  version: ResolvedDocument,
): ListingItem {
  return {
    name: document.name,
    documentType: document.documentType,
    createdAt: document.createdAt,
    version: Number(version.documentVersion),
    versionName: version.versionName,
    displayName: version.displayName,
    targetType: version.targetType,
    requires: version.requires,
    description: version.description?.slice(0, describedAt),
    format: version.format,
    schemaVersion: version.schemaVersion,
    platformTypes: version.platformTypes,
  };
}

export function putListing(listing: ListingItem): Put<ListingItem> {
  return { put: listKey(listing.name), body: listing };
}
