/** A document as the API shows it. Pure. */
import type { DocumentDescription, DocumentParameter, DocumentParameterType } from '@aws-sdk/client-ssm';
import type { Tag } from '../../tags/index.ts';
import type { NamedParameter } from './parameters.ts';
import type { ResolvedDocument } from './resolve-document.ts';

/** @param status the answer of Create and Update has it; reads always show Active */
export function describe(
  document: ResolvedDocument,
  tags: readonly Tag[],
  status: 'Active' | 'Creating' | 'Updating' | 'Failed' = document.status,
): DocumentDescription {
  return {
    Name: document.name,
    Owner: document.owner,
    DocumentVersion: document.documentVersion,
    DefaultVersion: document.defaultVersion,
    LatestVersion: document.latestVersion,
    VersionName: document.versionName,
    DisplayName: document.displayName,
    Status: status,
    StatusInformation: document.statusInformation,
    AttachmentsInformation: document.attachments.map(({ name }) => ({ Name: name })),
    Description: document.description,
    Parameters: document.parameters.map(describeParameter),
    PlatformTypes: [...document.platformTypes],
    DocumentType: document.documentType,
    DocumentFormat: document.format,
    SchemaVersion: document.schemaVersion === '' ? undefined : document.schemaVersion,
    TargetType: document.targetType,
    Requires: document.requires,
    CreatedDate: new Date(document.createdAt),
    Hash: document.hash,
    HashType: document.hashType,
    Tags: [...tags],
  };
}

function describeParameter({ name, type, description, default: preset }: NamedParameter): DocumentParameter {
  return {
    Name: name,
    // AWS too returns types that its model does not list.
    Type: type as DocumentParameterType,
    Description: description,
    ...(preset === undefined ? {} : { DefaultValue: typeof preset === 'string' ? preset : JSON.stringify(preset) }),
  };
}
