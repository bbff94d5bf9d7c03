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
import { documentKey, shareKey, sharesPartition, type DocumentItem, type ShareItem } from './store.ts';

/** AWS's quota of accounts that one document is shared with. */
const mostAccounts = 1000;
/** Of one request. */
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
    await context.state.transact([
      { update: documentKey(row.body.name), set: { shares }, when: unchanged(row) },
      ...shareWrites(row, added, removed, share),
    ]);
  });
  return {};
};

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
      ? {}
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

/** @throws ValidationException for what is no account, DocumentPermissionLimit for `all` beside accounts */
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

/** Which of the accounts the document is shared with already. */
async function sharesOf(
  context: RequestContext,
  document: DocumentItem,
  accounts: readonly string[],
): Promise<Set<string>> {
  const rows = await context.state.getMany<ShareItem>(
    [...new Set(accounts)].map((account) => shareKey(document.id, account)),
  );
  return new Set(rows.map((row) => row.body.accountId));
}

function shareWrites(
  row: Row<DocumentItem>,
  added: readonly string[],
  removed: readonly string[],
  sharedDocumentVersion: string,
): Write[] {
  return [
    ...added.map((accountId): Write => ({
      put: shareKey(row.body.id, accountId),
      body: { accountId, sharedDocumentVersion } satisfies ShareItem,
    })),
    ...removed.map((accountId): Write => ({ delete: shareKey(row.body.id, accountId) })),
  ];
}
