/** Finds a document by name or ARN and version, as it is to be run. */
import type { Context } from '../../../core/context.ts';
import { InvalidDocument, InvalidDocumentVersion } from '../../../core/errors.ts';
import type { OwnedDocument } from '../../../core/owned-documents.ts';
import type { DocumentFormat } from './content.ts';
import type { DocumentType } from './document-types.ts';
import { amazon, nameOf } from './document-name.ts';
import { ownedText } from './owned-text.ts';
import {
  documentKey,
  versionKey,
  versionNameKey,
  type AttachmentItem,
  type DocumentItem,
  type VersionItem,
} from './store.ts';
import { understood, type Understood } from './understanding.ts';

export interface ResolvedDocument extends Understood {
  /** Identifies this version even when the name is deleted or reused: see {@link pinnedDocument}. */
  readonly pin: string;
  readonly name: string;
  /** `Amazon`, or the account. */
  readonly owner: string;
  /** The number of the requested version at this moment: `"3"`. */
  readonly documentVersion: string;
  /** As requested; `$DEFAULT` where no version was. */
  readonly requestedVersion: string;
  readonly defaultVersion: string;
  readonly latestVersion: string;
  readonly versionName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly targetType?: string | undefined;
  readonly requires?: VersionItem['requires'];
  readonly documentType: DocumentType;
  readonly status: 'Creating' | 'Active' | 'Failed';
  readonly statusInformation?: string | undefined;
  readonly attachments: readonly AttachmentItem[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** As it was sent. */
  readonly contentText: string;
  readonly format: DocumentFormat;
  /** Lower-case hexadecimal, of the text. */
  readonly hash: string;
  readonly hashType: 'Sha256';
  /** Whether an admin wrote this version. Documents with AWS's names are the service's own. */
  readonly byAdmin: boolean;
  /** The service reads this document's output: it is stored in the service's own bucket. */
  readonly collects?: true;
}

/**
 * A document of this account, or one with AWS's name.
 * @param version a number, `$DEFAULT` (also where absent or empty) or `$LATEST`
 * @throws InvalidDocument when there is none with that name
 * @throws InvalidDocumentVersion when it has no such version, or the version has another name
 * @example
 * const document = await resolveDocument(context, 'AWS-RunShellScript', '$DEFAULT');
 */
export async function resolveDocument(
  context: Context,
  nameOrArn: string,
  version?: string,
  versionName?: string,
): Promise<ResolvedDocument> {
  const name = nameOf(nameOrArn, context);
  const owned = context.ownedDocuments.find((document) => document.name === name);
  if (owned !== undefined) return ownedDocument(owned, version, versionName);
  const document = name === undefined ? undefined : await readDocument(context, name);
  if (document === undefined) throw noSuchDocument(nameOrArn);
  return storedDocument(context, document, version, versionName);
}

/**
 * The version that a pin identifies: what was sent still runs after the document was deleted or its name reused. A pin
 * is valid for 30 days after a deletion.
 * @throws InvalidDocument when the version no longer exists
 */
export async function pinnedDocument(context: Context, pin: string): Promise<ResolvedDocument> {
  const [id = '', rest = ''] = pin.split('#');
  if (id === amazon) return resolveDocument(context, rest);
  const item = (await context.state.get<VersionItem>(versionKey(id, Number(rest))))?.body;
  if (item === undefined) throw new InvalidDocument('The document has been deleted.');
  const { name, documentType, version, createdAt } = item;
  return describeVersion(
    context,
    { id, name, documentType, createdAt, defaultVersion: version, latestVersion: version },
    item,
  );
}

/**
 * The pin that {@link resolveDocument} would return now, with one small read. It is for callers that cache a version
 * and ask whether the cache is still right. It does not check that a version given by number still exists.
 * @returns undefined where only resolveDocument can tell: for documents with AWS's names, which cost no read, and where
 * there is no such document
 */
export async function currentPin(context: Context, nameOrArn: string, version?: string): Promise<string | undefined> {
  const name = nameOf(nameOrArn, context);
  if (name === undefined || context.ownedDocuments.some((document) => document.name === name)) return undefined;
  const document = await readDocument(context, name);
  const number = document === undefined ? undefined : await versionNumber(context, document, version);
  return document === undefined || number === undefined ? undefined : `${document.id}#${number}`;
}

/** @returns undefined when this account has no document with the name */
export async function readDocument(context: Context, name: string): Promise<DocumentItem | undefined> {
  return (await context.state.get<DocumentItem>(documentKey(name)))?.body;
}

/** A version of this account's document. @throws InvalidDocumentVersion as {@link resolveDocument} */
export async function storedDocument(
  context: Context,
  document: DocumentItem,
  version?: string,
  versionName?: string,
): Promise<ResolvedDocument> {
  const number = await versionNumber(context, document, version, versionName);
  const item =
    number === undefined ? undefined : (await context.state.get<VersionItem>(versionKey(document.id, number)))?.body;
  if (item === undefined || (versionName !== undefined && item.versionName !== versionName)) throw noSuchVersion();
  return describeVersion(context, document, item, version);
}

/** A document with one of its versions. */
export function describeVersion(
  context: Context,
  document: Omit<DocumentItem, 'lastVersion' | 'versions' | 'shares'>,
  item: VersionItem,
  requested?: string,
): ResolvedDocument {
  return {
    pin: `${document.id}#${item.version}`,
    name: document.name,
    owner: context.account,
    documentVersion: String(item.version),
    requestedVersion: requested || '$DEFAULT',
    defaultVersion: String(document.defaultVersion),
    latestVersion: String(document.latestVersion),
    versionName: item.versionName,
    displayName: item.displayName,
    targetType: item.targetType,
    requires: item.requires,
    documentType: document.documentType,
    status: item.status ?? 'Active',
    statusInformation: item.statusInformation,
    attachments: item.attachments ?? [],
    createdAt: item.createdAt,
    contentText: item.text,
    format: item.format,
    hash: item.hash,
    hashType: 'Sha256',
    byAdmin: item.byAdmin === true,
    ...understood(item.text, item.format, item.documentType, item.hash),
  };
}

/** A document with one of AWS's names: our text, in one version. @throws InvalidDocumentVersion */
export async function ownedDocument(
  owned: OwnedDocument,
  version?: string,
  versionName?: string,
): Promise<ResolvedDocument> {
  if (versionName !== undefined || !['', '1', '$DEFAULT', '$LATEST'].includes(version ?? '')) throw noSuchVersion();
  const { text, hash } = await ownedText(owned);
  return {
    pin: `${amazon}#${owned.name}`,
    name: owned.name,
    owner: amazon,
    documentVersion: '1',
    requestedVersion: version || '$DEFAULT',
    defaultVersion: '1',
    latestVersion: '1',
    documentType: owned.documentType,
    status: 'Active',
    attachments: [],
    createdAt: owned.createdAt,
    contentText: text,
    format: 'YAML',
    hash,
    hashType: 'Sha256',
    byAdmin: true,
    ...understood(text, 'YAML', owned.documentType, hash),
    ...(owned.collects === undefined ? {} : { collects: owned.collects }),
  };
}

export function noSuchDocument(name: string): InvalidDocument {
  return new InvalidDocument(`Document with name ${name} does not exist.`);
}

export function noSuchVersion(): InvalidDocumentVersion {
  return new InvalidDocumentVersion('The document version is not valid or does not exist.');
}

async function versionNumber(
  context: Context,
  document: DocumentItem,
  version?: string,
  versionName?: string,
): Promise<number | undefined> {
  if (version === '$LATEST') return document.latestVersion;
  if (version === '$DEFAULT') return document.defaultVersion;
  if (version) return /^[1-9]\d{0,9}$/.test(version) ? Number(version) : undefined;
  if (versionName === undefined) return document.defaultVersion;
  return (await context.state.get<{ version: number }>(versionNameKey(document.id, versionName)))?.body.version;
}
