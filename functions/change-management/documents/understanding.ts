/** What a document's text comes to: parsed once, and kept while it is in use. */
import { LRUCache } from 'lru-cache';
import type { Content, DocumentFormat } from './content.ts';
import { documentTypes, type DocumentType } from './document-types.ts';
import { parametersOf, type NamedParameter } from './parameters.ts';
import { readingOf } from './schema.ts';
import type { Platform } from './types/plugins.ts';

export interface Understood {
  /** Empty where the type has no schema of SSM's. */
  readonly schemaVersion: string;
  readonly description?: string | undefined;
  /** Empty where the text is no mapping. */
  readonly content: Content;
  readonly platformTypes: readonly Platform[];
  readonly parameters: readonly NamedParameter[];
}

/** A version never changes, and the same few are delivered to a whole fleet: parse them once. */
const read = new LRUCache<string, Understood>({ max: 128 });

/** What a text that has been checked says. */
export function understood(text: string, format: DocumentFormat, documentType: DocumentType, hash: string): Understood {
  const key = `${documentType} ${format} ${hash}`;
  let known = read.get(key);
  if (known === undefined) {
    const { content, schemaVersion } = readingOf(text, format, documentType);
    const { description } = content;
    // Of types without a schema of SSM's, members that are called so may be anything.
    const ours = documentTypes[documentType].schemaVersions.length > 0;
    known = {
      content,
      schemaVersion,
      description: typeof description === 'string' ? description : undefined,
      platformTypes: documentTypes[documentType].platforms(content),
      parameters: ours ? parametersOf(content) : [],
    };
    read.set(key, known);
  }
  return known;
}
