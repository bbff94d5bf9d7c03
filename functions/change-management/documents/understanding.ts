/** What a document's text comes to: parsed once, and kept while it is in use. */
import { LeastRecentlyUsed } from '../../../core/least-recently-used.ts';
import { parseContent, type Content, type DocumentFormat } from './content.ts';
import { parametersOf, type NamedParameter } from './parameters.ts';
import { platformTypesOf } from './platforms.ts';
import type { Platform } from './plugins.ts';

export interface Understood {
  readonly schemaVersion: string;
  readonly description?: string | undefined;
  readonly content: Content;
  readonly platformTypes: readonly Platform[];
  readonly parameters: readonly NamedParameter[];
}

/** A version never changes, and the same few are delivered to a whole fleet: parse them once. */
const read = new LeastRecentlyUsed<string, Understood>(128);

/** What a text that has been checked says. */
export function understood(text: string, format: DocumentFormat, hash: string): Understood {
  const key = `${format} ${hash}`;
  let known = read.get(key);
  if (known === undefined) {
    const content = parseContent(text, format);
    const { schemaVersion, description } = content as { schemaVersion: string; description?: string };
    known = { content, schemaVersion, description, platformTypes: platformTypesOf(content), parameters: parametersOf(content) };
    read.set(key, known);
  }
  return known;
}
