/** What is asked of a type of document. */
import type { Content, DocumentFormat } from '../content.ts';
import type { Violations } from '../violations.ts';
import type { Platform } from './plugins.ts';

/** A text that has been parsed. */
export interface Reading {
  readonly text: string;
  readonly format: DocumentFormat;
  /** What the text says; of TEXT, the text. */
  readonly value: unknown;
  /** The same where it is a mapping, and nothing where it is not. */
  readonly content: Content;
  /** One of the type's; empty where it has none. */
  readonly schemaVersion: string;
}

export interface TypeRules {
  readonly formats: readonly DocumentFormat[];
  /** Of SSM's own schemas; none where the content has another form. */
  readonly schemaVersions: readonly string[];
  /** Whether the text must be a mapping of names to values. */
  readonly isMapping: boolean;
  /** Adds what is wrong. */
  readonly check: (reading: Reading, faults: Violations) => void;
  /** Where it has something to do; none for what runs on no node. */
  readonly platforms: (content: Content) => readonly Platform[];
}

export const structured: readonly DocumentFormat[] = ['JSON', 'YAML'];
export const any: readonly DocumentFormat[] = ['JSON', 'YAML', 'TEXT'];

/** Of types that run on no node. */
export const nowhere = (): readonly Platform[] => [];

/** Of types whose content is their user's affair. */
export const anything = (): void => undefined;
