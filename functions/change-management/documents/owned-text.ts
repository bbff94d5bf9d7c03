/** The texts of documents with AWS's names. */
import { readFile } from 'node:fs/promises';
import type { OwnedDocument } from '../../../core/owned-documents.ts';
import { hashOf } from './content.ts';

const texts = new WeakMap<OwnedDocument, { readonly text: string; readonly hash: string }>();

/** The text of the file in its room, read once. */
export async function ownedText(owned: OwnedDocument): Promise<{ readonly text: string; readonly hash: string }> {
  let known = texts.get(owned);
  if (known === undefined) {
    const text = await readFile(owned.file, 'utf8');
    known = { text, hash: hashOf(text) };
    texts.set(owned, known);
  }
  return known;
}
