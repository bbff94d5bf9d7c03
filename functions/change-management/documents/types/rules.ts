/** The rules of a document type. */
import type { Content, DocumentFormat } from '../content.ts';
import type { Violations } from '../violations.ts';
import type { Platform } from './plugins.ts';

/** A parsed text. */
export interface Reading {
  readonly text: string;
  readonly format: DocumentFormat;
  /** The parsed value; for TEXT, the text itself. */
  readonly value: unknown;
  /** The same where it is a mapping, else empty. */
  readonly content: Content;
  /** One of the type's schema versions; empty where it has none. */
  readonly schemaVersion: string;
}

export interface TypeRules {
  readonly formats: readonly DocumentFormat[];
  /** SSM's schema versions; empty where the content has another form. */
  readonly schemaVersions: readonly string[];
  /** Whether the text must be a mapping of names to values. */
  readonly isMapping: boolean;
  /** Adds faults. */
  readonly check: (reading: Reading, faults: Violations) => void;
  /** The platforms on which it runs; empty for types that run on no node. */
  readonly platforms: (content: Content) => readonly Platform[];
}

export const structured: readonly DocumentFormat[] = ['JSON', 'YAML'];
export const any: readonly DocumentFormat[] = ['JSON', 'YAML', 'TEXT'];

/** For types that run on no node. */
export const nowhere = (): readonly Platform[] => [];

/** For types whose content only their user can judge. */
export const anything = (): void => undefined;
