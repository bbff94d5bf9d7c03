/** Checks whether a text is a valid document of its type. Pure. */
import { ValidationException } from '../../../core/errors.ts';
import { withoutAbsentMembers } from './absent-members.ts';
import { parseContent, parseValue, UnreadableText, type DocumentFormat } from './content.ts';
import { documentTypes, type DocumentType } from './document-types.ts';
import { InvalidDocumentContent, InvalidDocumentSchemaVersion, MaxDocumentSizeExceeded } from './errors.ts';
import type { Reading } from './types/rules.ts';
import { explain, Violations } from './violations.ts';

/** 64 KB, in UTF-8. */
export const sizeLimit = 64 * 1024;

/** @throws ValidationException for a format that the type does not allow */
export function checkFormat(format: DocumentFormat, documentType: DocumentType): void {
  const { formats } = documentTypes[documentType];
  if (!formats.includes(format))
    throw new ValidationException(
      `Documents of type ${documentType} are written in ${formats.join(' or ')}, not in ${format}.`,
    );
}

/**
 * Parses a text and checks it as a document of its type.
 * @throws MaxDocumentSizeExceeded above 64 KB
 * @throws InvalidDocumentContent with path, line and fault
 * @throws InvalidDocumentSchemaVersion for a schema that the type does not have
 */
export function readDocumentText(text: string, format: DocumentFormat, documentType: DocumentType): Reading {
  if (Buffer.byteLength(text) > sizeLimit) throw new MaxDocumentSizeExceeded('The size limit of a document is 64 KB.');
  const reading = readingOf(text, format, documentType);
  checkSchemaVersion(reading, documentType);
  const faults = new Violations();
  documentTypes[documentType].check(reading, faults);
  if (faults.found.length > 0) throw new InvalidDocumentContent(explain(faults.found, text));
  return reading;
}

/**
 * Parses a text without checking it.
 * @throws InvalidDocumentContent where it is not valid in its format
 */
export function readingOf(text: string, format: DocumentFormat, documentType: DocumentType): Reading {
  const { isMapping, schemaVersions } = documentTypes[documentType];
  try {
    if (!isMapping) return { text, format, value: parseValue(text, format), content: {}, schemaVersion: '' };
    const parsed = parseContent(text, format);
    const content = schemaVersions.length > 0 ? withoutAbsentMembers(parsed) : parsed;
    const { schemaVersion } = content;
    return {
      text,
      format,
      value: content,
      content,
      schemaVersion: schemaVersions.length > 0 && typeof schemaVersion === 'string' ? schemaVersion : '',
    };
  } catch (error) {
    if (error instanceof UnreadableText) throw new InvalidDocumentContent(error.message);
    throw error;
  }
}

function checkSchemaVersion({ content, schemaVersion }: Reading, documentType: DocumentType): void {
  const { schemaVersions } = documentTypes[documentType];
  if (schemaVersions.length === 0 || schemaVersions.includes(schemaVersion)) return;
  const given =
    content.schemaVersion === undefined
      ? 'The document has no schemaVersion'
      : `The schemaVersion ${JSON.stringify(content.schemaVersion)} is not one of ${documentType} documents`;
  throw new InvalidDocumentSchemaVersion(`${given}; use ${schemaVersions.join(', ')}.`);
}
