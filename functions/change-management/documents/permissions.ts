/** ModifyDocumentPermission, DescribeDocumentPermission. */
import type { RequestContext } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import type { SsmOperation } from '../../../core/operations.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import type { Row, Write } from '../../../core/state.ts';
import { settingOf } from '../../service-settings/index.ts';
import { nameOf } from './document-name.ts';
import { changeDocument, unchanged } from './documents.ts';
import { DocumentPermissionLimit, InvalidPermissionType } from './errors.ts';
import { noSuchDocument, readDocument } from './resolve-document.ts';
import {
  documentKey,
  shareKey,
  shareOrderKey,
  shareOrderPrefix,
  sharesPartition,
  type DocumentItem,
  type ShareItem,
} from './store.ts';

/** AWS's quota of accounts with which one document is shared. */
const mostAccounts = 1000;
/** The limit of one request. */
const mostNamed = 20;
const everybody = 'all';

export const modifyDocumentPermission: SsmOperation<'ModifyDocumentPermission'> = async (input, context) => {
  checkPermissionType(input.PermissionType);
  const removed = accountsOf(input.AccountIdsToRemove, 'AccountIdsToRemove');
  const added = accountsOf(input.AccountIdsToAdd, 'AccountIdsToAdd').filter((account) => !removed.includes(account));
  if (added.includes(everybody)) await checkPublicSharing(context);
  const share = sharedVersionOf(input.SharedDocumentVersion);
  await changeDocument(context, input.Name, async (row) => {
    const before = await sharesOf(context, row.body, [...added, ...removed]);
    const shares =
      row.body.shares +
      added.filter((account) => !before.has(account)).length -
      removed.filter((account) => before.has(account)).length;
    if (context.settings.awsQuotas && shares > mostAccounts)
      throw new DocumentPermissionLimit(`A document can be shared with at most ${mostAccounts} accounts.`);
    const { writes, sharesEver } = shareWrites(row, before, added, removed, share);
    await context.state.transact([
      { update: documentKey(row.body.name), set: { shares, sharesEver }, when: unchanged(row) },
      ...writes,
    ]);
  });
  return {};
};

/** In the order in which the accounts were added. */
export const describeDocumentPermission: SsmOperation<'DescribeDocumentPermission'> = async (input, context) => {
  checkPermissionType(input.PermissionType);
  const name = nameOf(input.Name, context);
  if (context.ownedDocuments.some((document) => document.name === name))
    return {
      AccountIds: [everybody],
      AccountSharingInfoList: [{ AccountId: everybody, SharedDocumentVersion: '$DEFAULT' }],
    };
  const document = name === undefined ? undefined : await readDocument(context, name);
  if (document === undefined) throw noSuchDocument(input.Name);
  const limit = input.MaxResults ?? 200;
  const from =
    input.NextToken === undefined
      ? { prefix: shareOrderPrefix }
      : { from: (await decodeToken<{ from: string }>(context, input.NextToken, permissionPurpose)).from };
  const { rows } = await context.state.query<ShareItem>({
    pk: sharesPartition(document.id),
    ...from,
    limit: limit + 1,
  });
  const shown = rows.slice(0, limit).map((row) => row.body);
  const next = rows[limit]?.sk;
  return {
    AccountIds: shown.map((share) => share.accountId),
    AccountSharingInfoList: shown.map((share) => ({
      AccountId: share.accountId,
      SharedDocumentVersion: share.sharedDocumentVersion,
    })),
    ...(next === undefined ? {} : { NextToken: await encodeToken(context, { from: next }, permissionPurpose) }),
  };
};

const permissionPurpose = 'DescribeDocumentPermission';

function checkPermissionType(type: string): void {
  if (type !== 'Share') throw new InvalidPermissionType(`The permission type ${type} is not valid; it must be Share.`);
}

/** @throws ValidationException for an invalid account, DocumentPermissionLimit for `all` together with accounts */
function accountsOf(given: readonly string[] | undefined, member: string): string[] {
  const accounts = [...new Set((given ?? []).map((account) => account.toLowerCase()))];
  if (accounts.length > mostNamed) throw new ValidationException(`${member} takes at most ${mostNamed} accounts.`);
  for (const account of accounts)
    if (account !== everybody && !/^\d{12}$/.test(account))
      throw new ValidationException(`${member} takes accounts of 12 digits, or all, not ${account}.`);
  if (accounts.includes(everybody) && accounts.length > 1)
    throw new DocumentPermissionLimit('A document is shared with all or with some accounts, not with both.');
  return accounts;
}

/** @throws DocumentPermissionLimit while the account forbids it */
async function checkPublicSharing(context: RequestContext): Promise<void> {
  if ((await settingOf(context, '/ssm/documents/console/public-sharing-permission')) === 'Disable')
    throw new DocumentPermissionLimit(
      'Documents cannot be shared with all: public sharing is blocked by the service setting /ssm/documents/console/public-sharing-permission.',
    );
}

function sharedVersionOf(version: string | undefined): string {
  if (version === undefined || ['$DEFAULT', '$LATEST', '$ALL'].includes(version)) return version ?? '$DEFAULT';
  throw new ValidationException('SharedDocumentVersion must be $DEFAULT, $LATEST or $ALL.');
}

/** The accounts among these with which the document is shared already. */
async function sharesOf(
  context: RequestContext,
  document: DocumentItem,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, ShareItem>> {
  const rows = await context.state.getMany<ShareItem>(
    [...new Set(accounts)].map((account) => shareKey(document.id, account)),
  );
  return new Map(rows.map((row) => [row.body.accountId, row.body]));
}

/** An account that is added again keeps its position. */
function shareWrites(
  { body: document }: Row<DocumentItem>,
  before: ReadonlyMap<string, ShareItem>,
  added: readonly string[],
  removed: readonly string[],
  sharedDocumentVersion: string,
): { readonly writes: readonly Write[]; readonly sharesEver: number } {
  const { id } = document;
  let sharesEver = document.sharesEver ?? 0;
  const writes: Write[] = [];
  for (const accountId of added) {
    const index = before.get(accountId)?.place ?? sharesEver++;
    const body: ShareItem = { accountId, sharedDocumentVersion, place: index };
    writes.push({ put: shareKey(id, accountId), body }, { put: shareOrderKey(id, index), body });
  }
  for (const accountId of removed) {
    const share = before.get(accountId);
    if (share === undefined) continue;
    writes.push({ delete: shareKey(id, accountId) }, { delete: shareOrderKey(id, share.place) });
  }
  return { writes, sharesEver };
}
