/** Parses a document's text once, and caches the result. */
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

/** A version never changes, and a whole fleet gets the same few versions, so they are parsed once. */
const read = new LRUCache<string, Understood>({ max: 128 });

/** The content of a text that was checked before. */
export function understood(text: string, format: DocumentFormat, documentType: DocumentType, hash: string): Understood {
  const key = `${documentType} ${format} ${hash}`;
  let known = read.get(key);
  if (known === undefined) {
    const { content, schemaVersion } = readingOf(text, format, documentType);
    const { description } = content;
    // In types without a schema of SSM's, members with these names may be anything.
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
