/** Associations with what a node must meet to have them: the queries of resource groups as they are now. */
import type { Context } from '../../../core/context.ts';
import { criteriaNowOfAll, type Criterion } from '../../nodes/index.ts';
import { readListing, type ListingItem } from './store.ts';

export interface Candidate extends Pick<ListingItem, 'associationId' | 'documentName' | 'byAdmin'> {
  readonly criteria: readonly Criterion[];
}

/** All associations, or those of one document. */
export async function readCandidates(context: Context, documentName?: string): Promise<Candidate[]> {
  const listing = await readListing(context.state);
  return candidatesOf(
    documentName === undefined ? listing : listing.filter((item) => item.documentName === documentName),
    context,
  );
}

export async function candidatesOf(listing: readonly ListingItem[], context: Context): Promise<Candidate[]> {
  const criteria = await criteriaNowOfAll(
    context,
    listing.map(({ targets }) => targets),
  );
  return listing.map(({ associationId, documentName, byAdmin }, at) => ({
    associationId,
    documentName,
    byAdmin,
    criteria: criteria[at] ?? [],
  }));
}
