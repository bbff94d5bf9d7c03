/** The document of an association, as it is now. */
import type { Context } from '../../../core/context.ts';
import { InvalidDocument, InvalidDocumentVersion } from '../../../core/errors.ts';
import { resolveDocument, type ResolvedDocument } from '../../change-management/documents/index.ts';
import type { AssociationItem } from './store.ts';

/** @returns the document, or why there is none: it has been deleted, or the version has */
export async function documentOf(
  { documentName, documentVersion }: Pick<AssociationItem, 'documentName' | 'documentVersion'>,
  context: Context,
): Promise<ResolvedDocument | string> {
  try {
    return await resolveDocument(context, documentName, documentVersion);
  } catch (error) {
    if (error instanceof InvalidDocument || error instanceof InvalidDocumentVersion) return error.message;
    throw error;
  }
}
