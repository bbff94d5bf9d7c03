/** CreateDocument, GetDocument, DescribeDocument, DeleteDocument. */
import { assertMayRead, isAdmin } from '../../../core/admin-work.ts';
import type { RequestContext } from '../../../core/context.ts';
import { TooManyUpdates } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import type { Row } from '../../../core/state.ts';
import { removeTags, tagsOf, toTagList, toTags, writeTags } from '../../tags/index.ts';
import { attachmentContents } from './attachments.ts';
import { convertContent } from './content.ts';
import { describe } from './describe-document.ts';
import { checkNewName, nameOf } from './document-name.ts';
import { DocumentAlreadyExists, DocumentLimitExceeded, InvalidDocumentOperation } from './errors.ts';
import { listingOf, putListing } from './listing.ts';
import { attachmentTimers, checkVersion } from './new-version.ts';
import { purgeTimer } from './purge-document.ts';
import {
  describeVersion,
  noSuchDocument,
  noSuchVersion,
  resolveDocument,
  storedDocument,
  type ResolvedDocument,
} from './resolve-document.ts';
import {
  contentKey,
  documentKey,
  documentResource,
  documentTags,
  listKey,
  listPartition,
  putVersion,
  versionKey,
  versionNameKey,
  versionPrefix,
  versionsPartition,
  type DocumentItem,
  type VersionItem,
} from './store.ts';

/** AWS's quota of documents in an account. */
const mostDocuments = 500;

export const createDocument: SsmOperation<'CreateDocument'> = async (input, context) => {
  const { Name: name, DocumentType: documentType = 'Command' } = input;
  checkNewName(name);
  const { schemaVersion: _schema, ...checked } = await checkVersion(
    {
      documentType,
      format: input.DocumentFormat ?? 'JSON',
      text: input.Content,
      versionName: input.VersionName,
      requires: input.Requires,
      attachments: input.Attachments,
    },
    context,
  );
  const tags = toTags(input.Tags);
  if (context.settings.awsQuotas) await checkQuota(context);

  const createdAt = context.clock.now();
  const document: DocumentItem = {
    id: context.ids.uuid(),
    name,
    documentType,
    createdAt,
    defaultVersion: 1,
    latestVersion: 1,
    lastVersion: 1,
    versions: 1,
    shares: 0,
  };
  const version: VersionItem = {
    name,
    documentType,
    version: 1,
    displayName: input.DisplayName,
    targetType: input.TargetType,
    createdAt,
    byAdmin: isAdmin(context.caller),
    ...checked,
  };
  const resolved = describeVersion(context, document, version);
  const rows = putVersion(document.id, version);
  await conflictAs(
    context.state.transact([
      { put: documentKey(name), body: document, when: { row: 'absent' } },
      putListing(listingOf(document, resolved)),
      rows.row,
      rows.content,
      ...(rows.name === undefined ? [] : [rows.name]),
      ...writeTags(documentTags(name), tags),
      ...attachmentTimers(document.id, version, context),
    ]),
    (conflict) =>
      conflict.position === 0 ? new DocumentAlreadyExists(`Document with name ${name} already exists.`) : undefined,
  );
  return { DocumentDescription: describe(resolved, toTagList(tags), 'Creating') };
};

export const getDocument: SsmOperation<'GetDocument'> = async (input, context) => {
  const document = await resolveDocument(context, input.Name, input.DocumentVersion, input.VersionName);
  assertMayRead(
    context.caller,
    document,
    `version ${document.documentVersion} of the document ${document.name}`,
    context.settings,
  );
  // Plain text is returned as it is, whatever format is requested.
  const wanted = input.DocumentFormat ?? 'JSON';
  const format = document.format === 'TEXT' || wanted === 'TEXT' ? document.format : wanted;
  return {
    Name: document.name,
    DocumentVersion: document.documentVersion,
    VersionName: document.versionName,
    DisplayName: document.displayName,
    Status: document.status,
    StatusInformation: document.statusInformation,
    Content: format === 'TEXT' ? document.contentText : convertContent(document.contentText, document.format, format),
    DocumentType: document.documentType,
    DocumentFormat: format,
    Requires: document.requires,
    AttachmentsContent: await attachmentContents(context, document),
    CreatedDate: new Date(document.createdAt),
  };
};

export const describeDocument: SsmOperation<'DescribeDocument'> = async (input, context) => {
  const document = await resolveDocument(context, input.Name, input.DocumentVersion, input.VersionName);
  return { Document: describe(document, toTagList(await tagsOf(context, documentResource, document.name))) };
};

/** Deletes a whole document, or one version where a version is named. */
export const deleteDocument: SsmOperation<'DeleteDocument'> = async (input, context) => {
  await changeDocument(context, input.Name, async (row) => {
    // Configurations may need the schema, so the caller must confirm with Force.
    if (row.body.documentType === 'ApplicationConfigurationSchema' && input.Force !== true)
      throw new InvalidDocumentOperation(`Document ${row.body.name} is a schema; delete it with Force.`);
    if (input.DocumentVersion === undefined && input.VersionName === undefined) await deleteWhole(context, row);
    else
      await deleteVersion(
        context,
        row,
        await storedDocument(context, row.body, input.DocumentVersion, input.VersionName),
      );
  });
  return {};
};

/**
 * Reads a document of this account, and lets `change` write to it on condition that it has not changed; repeats both
 * while other writers are faster.
 * @throws InvalidDocument, InvalidDocumentOperation for one of AWS's, TooManyUpdates
 */
export async function changeDocument<T>(
  context: RequestContext,
  nameOrArn: string,
  change: (row: Row<DocumentItem>) => Promise<T>,
): Promise<T> {
  const name = nameOf(nameOrArn, context);
  if (name === undefined) throw noSuchDocument(nameOrArn);
  if (context.ownedDocuments.some((document) => document.name === name))
    throw new InvalidDocumentOperation(`Document ${name} is owned by Amazon and cannot be changed.`);
  return conflictAs(
    retryOnConflict(async () => {
      const row = await context.state.get<DocumentItem>(documentKey(name));
      if (row === undefined) throw noSuchDocument(nameOrArn);
      return change(row);
    }, context),
    () => new TooManyUpdates(`Document ${name} is being changed by others. Try again.`),
  );
}

/** The condition that the document is the one that was read: its name may have been deleted and reused meanwhile. */
export function unchanged(row: Row<DocumentItem>): {
  readonly version: number;
  readonly equals: { readonly id: string };
} {
  return { version: row.version, equals: { id: row.body.id } };
}

async function deleteWhole(context: RequestContext, row: Row<DocumentItem>): Promise<void> {
  const { id, name, shares } = row.body;
  if (shares > 0)
    throw new InvalidDocumentOperation(`Document ${name} is shared; stop sharing it before it is deleted.`);
  await context.state.transact([
    { delete: documentKey(name), when: unchanged(row) },
    { delete: listKey(name) },
    ...(await removeTags(context, documentTags(name))),
    purgeTimer(id, context),
  ]);
}

async function deleteVersion(
  context: RequestContext,
  row: Row<DocumentItem>,
  { documentVersion, versionName, hash, attachments }: ResolvedDocument,
): Promise<void> {
  const { id, name, defaultVersion, latestVersion, versions } = row.body;
  const version = Number(documentVersion);
  if (version === defaultVersion)
    throw new InvalidDocumentOperation(
      `Version ${documentVersion} is the default version of document ${name} and cannot be deleted.`,
    );
  await context.state.transact([
    {
      update: documentKey(name),
      set: {
        versions: versions - 1,
        latestVersion: version === latestVersion ? await highestBelow(context, id, version) : latestVersion,
      },
      when: unchanged(row),
    },
    { delete: versionKey(id, version) },
    { delete: contentKey(id, hash) },
    ...(versionName === undefined ? [] : [{ delete: versionNameKey(id, versionName) }]),
    ...(attachments.length === 0 ? [] : [purgeTimer(id, context, version)]),
  ]);
}

/** The highest version below one that is about to be deleted. There is always one: the default. */
async function highestBelow(context: RequestContext, id: string, version: number): Promise<number> {
  const { sk } = versionKey(id, version - 1);
  const page = await context.state.query<VersionItem>({
    pk: versionsPartition(id),
    from: versionPrefix,
    to: sk,
    reverse: true,
    limit: 1,
  });
  const below = page.rows[0]?.body.version;
  if (below === undefined) throw noSuchVersion();
  return below;
}

async function checkQuota(context: RequestContext): Promise<void> {
  const page = await context.state.query({ pk: listPartition, limit: mostDocuments });
  if (page.rows.length >= mostDocuments)
    throw new DocumentLimitExceeded(`You can have at most ${mostDocuments} documents.`);
}
