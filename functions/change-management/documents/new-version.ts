/** Checks a version of a document that a caller sends, and builds what is stored of it. */
import type { AttachmentsSource, DocumentRequires } from '@aws-sdk/client-ssm';
import type { Context, RequestContext } from '../../../core/context.ts';
import type { Put } from '../../../core/state.ts';
import { attachmentSources, type AttachmentSource } from './attachment-sources.ts';
import { checkConfiguration, checkSchema } from './configuration-schema.ts';
import type { DocumentFormat } from './content.ts';
import { hashOf } from './content.ts';
import { copyTimer } from './copy-attachments.ts';
import type { DocumentType } from './document-types.ts';
import { InvalidDocumentContent } from './errors.ts';
import { checkFormat, readDocumentText } from './schema.ts';
import type { VersionItem } from './store.ts';

export interface SentVersion {
  readonly documentType: DocumentType;
  readonly format: DocumentFormat;
  readonly text: string;
  readonly versionName?: string | undefined;
  readonly requires?: DocumentRequires[] | undefined;
  readonly attachments?: readonly AttachmentsSource[] | undefined;
}

/** What is stored of it; the schema decides whether it may be updated. */
export interface CheckedVersion extends Pick<
  VersionItem,
  'format' | 'text' | 'hash' | 'versionName' | 'requires' | 'status' | 'sources'
> {
  readonly schemaVersion: string;
}

/** @throws the errors of the text, its schema and the attachments' sources */
export async function checkVersion(sent: SentVersion, context: RequestContext): Promise<CheckedVersion> {
  const { documentType, format, text, versionName, requires } = sent;
  checkFormat(format, documentType);
  const reading = readDocumentText(text, format, documentType);
  const sources = attachmentSources(sent.attachments);
  if (documentType === 'Package') checkPackage(reading.content, versionName, sources);
  if (documentType === 'ApplicationConfigurationSchema') await checkSchema(reading);
  if (documentType === 'ApplicationConfiguration') await checkConfiguration(reading, requires, context);
  const copied = sources.length === 0 ? {} : { status: 'Creating' as const, sources };
  return { format, text, hash: hashOf(text), versionName, requires, schemaVersion: reading.schemaVersion, ...copied };
}

/** The timer that copies the attachments. */
export function attachmentTimers(id: string, version: VersionItem, context: Context): Put[] {
  return version.status === 'Creating' ? [copyTimer(id, version.version, context)] : [];
}

function checkPackage(
  manifest: { readonly version?: unknown },
  versionName: string | undefined,
  sources: readonly AttachmentSource[],
): void {
  if (versionName !== undefined && versionName !== manifest.version)
    throw new InvalidDocumentContent(
      `The version name ${versionName} is not the manifest's version, ${String(manifest.version)}.`,
    );
  if (sources.length === 0) throw new InvalidDocumentContent('A package has files: say in Attachments where they are.');
}
