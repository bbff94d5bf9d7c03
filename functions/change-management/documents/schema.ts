/** Whether a text may be a document of its type. Pure. */
import { ValidationException } from '../../../core/errors.ts';
import { parseContent, UnreadableText, type Content, type DocumentFormat } from './content.ts';
import { InvalidDocumentContent, InvalidDocumentSchemaVersion, MaxDocumentSizeExceeded } from './errors.ts';
import { checkDeclarations } from './parameter-rules.ts';
import { onlyMembers } from './shapes.ts';
import { checkMainSteps, checkRuntimeConfig } from './step-rules.ts';
import { explain, Violations } from './violations.ts';

export type DocumentType = 'Command' | 'Policy';

const schemaVersions: Readonly<Record<DocumentType, readonly string[]>> = { Command: ['1.2', '2.0', '2.2'], Policy: ['2.0', '2.2'] };

/** 64 KB, in UTF-8. */
export const sizeLimit = 64 * 1024;

/** @throws ValidationException for the types that AWS has and this Flotilla does not have yet */
export function checkType(documentType: string): asserts documentType is DocumentType {
  if (!Object.hasOwn(schemaVersions, documentType))
    throw new ValidationException(`Documents of type ${documentType} are not supported by this version of Flotilla. Supported are ${Object.keys(schemaVersions).join(' and ')}.`);
}

/** @throws ValidationException for TEXT, which only calendars are written in */
export function checkFormat(format: string): asserts format is DocumentFormat {
  if (format !== 'JSON' && format !== 'YAML') throw new ValidationException(`Command and Policy documents are written in JSON or YAML, not ${format}.`);
}

/**
 * What the text says, once it is known to be a document of its type.
 * @throws MaxDocumentSizeExceeded above 64 KB
 * @throws InvalidDocumentContent naming path, line and fault
 * @throws InvalidDocumentSchemaVersion for a schema that is not the type's
 */
export function readDocumentText(text: string, format: DocumentFormat, documentType: DocumentType): Content {
  if (Buffer.byteLength(text) > sizeLimit) throw new MaxDocumentSizeExceeded('The size limit of a document is 64 KB.');
  const content = parsed(text, format);
  const schemaVersion = schemaVersionOf(content, documentType);
  const faults = new Violations();
  const body = schemaVersion === '1.2' ? 'runtimeConfig' : 'mainSteps';
  onlyMembers(content, ['schemaVersion', 'description', 'parameters', body], [], faults);
  if (content.description !== undefined && typeof content.description !== 'string') faults.add(['description'], 'must be text');
  checkDeclarations(content.parameters, faults);
  if (schemaVersion === '1.2') checkRuntimeConfig(content.runtimeConfig, faults);
  else checkMainSteps(content.mainSteps, schemaVersion, faults);
  if (faults.found.length > 0) throw new InvalidDocumentContent(explain(faults.found, text));
  return content;
}

function parsed(text: string, format: DocumentFormat): Content {
  try {
    return parseContent(text, format);
  } catch (error) {
    if (error instanceof UnreadableText) throw new InvalidDocumentContent(error.message);
    throw error;
  }
}

function schemaVersionOf(content: Content, documentType: DocumentType): string {
  const { schemaVersion } = content;
  const allowed = schemaVersions[documentType];
  if (typeof schemaVersion === 'string' && allowed.includes(schemaVersion)) return schemaVersion;
  const given = schemaVersion === undefined ? 'The document has no schemaVersion' : `The schemaVersion ${JSON.stringify(schemaVersion)} is not one of ${documentType} documents`;
  throw new InvalidDocumentSchemaVersion(`${given}; use ${allowed.join(', ')}.`);
}
