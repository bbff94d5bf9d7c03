/** The document of an association, as it is now. */
import type { Context } from '../../../core/context.ts';
import { InvalidDocument, InvalidDocumentVersion } from '../../../core/errors.ts';
import { currentPin, resolveDocument, type ResolvedDocument } from '../../change-management/documents/index.ts';
import type { AssociationItem, NodeAssociationItem } from './store.ts';

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

/** What a node sees of its document. */
export interface ShownDocument {
  readonly documentVersion: string;
  readonly hash: string;
  readonly byAdmin?: boolean | undefined;
  readonly collects?: true | undefined;
}

/**
 * Documents for the associations that a node has. The node's rows have what is needed of the version that they were
 * started with: while that is the one to use, the text, which may be long, is not read for every node that asks.
 */
export class ShownDocuments {
  readonly #context: Context;
  readonly #pins = new Map<string, Promise<string | undefined>>();
  readonly #documents = new Map<string, Promise<ResolvedDocument | string>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @returns undefined where there is none any more */
  async of(association: AssociationItem, node: NodeAssociationItem): Promise<ShownDocument | undefined> {
    const { documentName, documentVersion } = association;
    const name = JSON.stringify([documentName, documentVersion ?? '']);
    const { documentPin, documentHash: hash, documentByAdmin: byAdmin, collects } = node;
    const pin = await once(this.#pins, name, () => currentPin(this.#context, documentName, documentVersion));
    if (pin !== undefined && pin === documentPin && hash !== undefined)
      return { documentVersion: node.documentVersion, hash, byAdmin, collects };
    const document = await once(this.#documents, name, () => documentOf(association, this.#context));
    return typeof document === 'string' ? undefined : document;
  }
}

function once<T>(known: Map<string, Promise<T>>, name: string, read: () => Promise<T>): Promise<T> {
  const present = known.get(name) ?? read();
  known.set(name, present);
  return present;
}
