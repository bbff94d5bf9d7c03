/** UpdateDocument, UpdateDocumentDefaultVersion, ListDocumentVersions. */
import { isAdmin } from '../../../core/admin-work.ts';
import { ConditionFailed, type Row } from '../../../core/state.ts';
import type { RequestContext } from '../../../core/context.ts';
import { InvalidDocumentVersion } from '../../../core/errors.ts';
import type { SsmInput, SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { tagsOf, toTagList } from '../../tags/index.ts';
import { describe } from './describe-document.ts';
import { nameOf } from './document-name.ts';
import { changeDocument, unchanged } from './documents.ts';
import {
  DocumentVersionLimitExceeded,
  DuplicateDocumentContent,
  DuplicateDocumentVersionName,
  InvalidDocumentSchemaVersion,
} from './errors.ts';
import { listingOf, putListing } from './listing.ts';
import { attachmentTimers, checkVersion, type CheckedVersion } from './new-version.ts';
import {
  describeVersion,
  noSuchDocument,
  ownedDocument,
  readDocument,
  storedDocument,
  type ResolvedDocument,
} from './resolve-document.ts';
import {
  documentKey,
  documentResource,
  putVersion,
  versionPrefix,
  versionsPartition,
  type DocumentItem,
  type VersionItem,
} from './store.ts';

/** AWS's quota of versions of a document. */
const mostVersions = 1000;

export const updateDocument: SsmOperation<'UpdateDocument'> = async (input, context) => {
  const updated = await changeDocument(context, input.Name, async (row) => {
    const base = await baseOf(context, row.body, input.DocumentVersion);
    const { schemaVersion, ...checked } = await checkVersion(
      {
        documentType: row.body.documentType,
        format: input.DocumentFormat ?? 'JSON',
        text: input.Content,
        versionName: input.VersionName,
        requires: base.requires,
        attachments: input.Attachments,
      },
      context,
    );
    for (const schema of [base.schemaVersion, schemaVersion])
      if (schema === '1.2')
        throw new InvalidDocumentSchemaVersion(
          'Documents of schema 1.2 cannot be updated; make a new one of schema 2.2.',
        );
    if (context.settings.awsQuotas && row.body.versions >= mostVersions)
      throw new DocumentVersionLimitExceeded(`A document can have at most ${mostVersions} versions.`);
    return addVersion(context, row, newVersion(context, row.body, base, input, checked));
  });
  return {
    DocumentDescription: describe(
      updated,
      toTagList(await tagsOf(context, documentResource, updated.name)),
      'Updating',
    ),
  };
};

export const updateDocumentDefaultVersion: SsmOperation<'UpdateDocumentDefaultVersion'> = async (
  { Name, DocumentVersion },
  context,
) => {
  const chosen = await changeDocument(context, Name, async (row) => {
    const version = await storedDocument(context, row.body, DocumentVersion);
    if (version.schemaVersion === '1.2')
      throw new InvalidDocumentSchemaVersion('Documents of schema 1.2 have one version only.');
    if (version.status !== 'Active')
      throw new InvalidDocumentVersion(`Version ${version.documentVersion} of document ${version.name} is not active.`);
    const defaultVersion = Number(version.documentVersion);
    await context.state.transact([
      { update: documentKey(row.body.name), set: { defaultVersion }, when: unchanged(row) },
      putListing(listingOf(row.body, version)),
    ]);
    return version;
  });
  return {
    Description: { Name: chosen.name, DefaultVersion: chosen.documentVersion, DefaultVersionName: chosen.versionName },
  };
};

/** Newest first. */
export const listDocumentVersions: SsmOperation<'ListDocumentVersions'> = async (input, context) => {
  const name = nameOf(input.Name, context);
  const owned = context.ownedDocuments.find((document) => document.name === name);
  if (owned !== undefined) return { DocumentVersions: [describeInfo(await ownedDocument(owned))] };
  const document = name === undefined ? undefined : await readDocument(context, name);
  if (document === undefined) throw noSuchDocument(input.Name);
  const before =
    input.NextToken === undefined
      ? undefined
      : (await decodeToken<{ before: string }>(context, input.NextToken, versionsPurpose)).before;
  const range = before === undefined ? { prefix: versionPrefix } : { from: versionPrefix, to: before };
  // Versions are large, so a page of the store may be shorter than the caller's page; it is returned as it is.
  const page = await context.state.query<VersionItem>({
    pk: versionsPartition(document.id),
    ...range,
    reverse: true,
    limit: (input.MaxResults ?? 50) + 1,
  });
  const more = page.rows.length > (input.MaxResults ?? 50) || page.next !== undefined;
  const rows = more ? page.rows.slice(0, -1) : page.rows;
  return {
    DocumentVersions: rows.map((row) => describeInfo(describeVersion(context, document, row.body))),
    ...(more ? { NextToken: await encodeToken(context, { before: page.rows.at(-1)?.sk }, versionsPurpose) } : {}),
  };
};

const versionsPurpose = 'ListDocumentVersions';

function describeInfo(version: ResolvedDocument) {
  return {
    Name: version.name,
    DisplayName: version.displayName,
    DocumentVersion: version.documentVersion,
    VersionName: version.versionName,
    CreatedDate: new Date(version.createdAt),
    IsDefaultVersion: version.documentVersion === version.defaultVersion,
    DocumentFormat: version.format,
    Status: version.status,
    StatusInformation: version.statusInformation,
  };
}

/**
 * The version on which an update is based: it must be the latest, however it is named. Without a name it is the
 * default, as in AWS, and the update fails where that is not the latest.
 * @throws InvalidDocumentVersion for a version that does not exist, and for one that is not the latest
 */
async function baseOf(
  context: RequestContext,
  document: DocumentItem,
  requested: string | undefined,
): Promise<ResolvedDocument> {
  const base = await storedDocument(context, document, requested);
  if (Number(base.documentVersion) !== document.latestVersion)
    throw new InvalidDocumentVersion(
      `Version provided for document ${document.name} is not latest. Please provide the latest version to update document ${document.name}`,
    );
  return base;
}

function newVersion(
  context: RequestContext,
  document: DocumentItem,
  base: ResolvedDocument,
  input: SsmInput<'UpdateDocument'>,
  checked: Omit<CheckedVersion, 'schemaVersion'>,
): VersionItem {
  return {
    name: document.name,
    documentType: document.documentType,
    version: document.lastVersion + 1,
    displayName: input.DisplayName ?? base.displayName,
    targetType: input.TargetType ?? base.targetType,
    createdAt: context.clock.now(),
    byAdmin: isAdmin(context.caller),
    ...checked,
  };
}

/**
 * @throws DuplicateDocumentContent, DuplicateDocumentVersionName, ConditionFailed when the document changed meanwhile
 */
async function addVersion(
  context: RequestContext,
  row: Row<DocumentItem>,
  item: VersionItem,
): Promise<ResolvedDocument> {
  const rows = putVersion(row.body.id, item);
  const set = { latestVersion: item.version, lastVersion: item.version, versions: row.body.versions + 1 };
  const writes = [
    { update: documentKey(row.body.name), set, when: unchanged(row) },
    rows.row,
    rows.content,
    ...(rows.name === undefined ? [] : [rows.name]),
    ...attachmentTimers(row.body.id, item, context),
  ];
  try {
    await context.state.transact(writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (error.position === 2)
      throw new DuplicateDocumentContent('The content of the document is that of another of its versions.');
    if (error.position === 3)
      throw new DuplicateDocumentVersionName(
        `The version name ${item.versionName} is taken by another version of the document.`,
      );
    throw error;
  }
  return describeVersion(context, { ...row.body, ...set }, item, '$LATEST');
}
