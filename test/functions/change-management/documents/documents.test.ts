/** Documents on a real state file: versions, names, defaults, lists, sharing, and several callers at once. */
import type { TimerHandler } from '../../../../core/timers.ts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../core/clock.ts';
import { timerPartition, timerShards, type Timer } from '../../../../core/timers.ts';
import { room as documentsRoom } from '../../../../functions/change-management/documents/room.ts';
import { pinnedDocument, resolveDocument } from '../../../../functions/change-management/documents/index.ts';
import { taggableDocument } from '../../../../functions/change-management/documents/taggable.ts';
import { tagOperations } from '../../../../functions/tags/resources.ts';
import { room as serviceSettingsRoom } from '../../../../functions/service-settings/room.ts';
import type { DiskFiles } from '../../../../local/disk-files.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { openDiskFiles } from '../../../support/files-door.ts';
import { temporaryFolder, testStart } from '../../../support/state.ts';
import { guarded } from '../../../support/guarded.ts';

const operations = documentsRoom.operations.ssm;
const timers: Readonly<Record<string, TimerHandler>> = documentsRoom.timers;
const settings = serviceSettingsRoom.operations.ssm;

let flotilla: TestContext;
let files: DiskFiles;
let remove: () => void;
beforeEach(async () => {
  const temporary = temporaryFolder();
  remove = temporary.remove;
  files = openDiskFiles(temporary.folder, new ManualClock(testStart));
  flotilla = testContext({ files });
  await files.createBucket(flotilla.context.serviceBucket);
});
afterEach(async () => {
  await flotilla.close();
  await files.close();
  remove();
});

type Operations = typeof operations;
/** Calls an operation as the front door does, with input that its model allows. */
function call<Name extends keyof Operations>(
  name: Name,
  input: object,
): Promise<Awaited<ReturnType<Operations[Name]>>> {
  return (operations[name] as (input: object, context: object) => Promise<Awaited<ReturnType<Operations[Name]>>>)(
    input,
    flotilla.as(),
  );
}

const content = (line: string, more: object = {}) =>
  JSON.stringify({
    schemaVersion: '2.2',
    mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: [line] } }],
    ...more,
  });
const create = (Name: string, more: object = {}) =>
  call('CreateDocument', { Name, Content: content('echo 1'), ...more });
const update = (Name: string, line: string, more: object = {}) =>
  call('UpdateDocument', { Name, Content: content(line), DocumentVersion: '$LATEST', ...more });
const refusal = (code: string, message?: RegExp) =>
  expect.objectContaining({
    code,
    ...(message === undefined ? {} : { message: expect.stringMatching(message) as string }),
  }) as Error;
const names = async (input: object = {}) =>
  (await call('ListDocuments', input)).DocumentIdentifiers!.map(({ Name }) => Name);

describe('one document', () => {
  test('created, described, read back as it was sent and as YAML', async () => {
    const text = content('echo 1', {
      description: 'Says one.',
      parameters: { who: { type: 'StringList', default: ['a'] } },
    });
    const made = await create('Doc', {
      Content: text,
      VersionName: 'first',
      DisplayName: 'Doc',
      TargetType: '/AWS::EC2::Instance',
      Tags: [{ Key: 'env', Value: 'test' }],
    });
    expect(made.DocumentDescription).toMatchObject({
      Status: 'Creating',
      DocumentVersion: '1',
      HashType: 'Sha256',
      Owner: '123456789012',
      Tags: [{ Key: 'env', Value: 'test' }],
    });
    expect((await call('DescribeDocument', { Name: 'Doc' })).Document).toMatchObject({
      Status: 'Active',
      Description: 'Says one.',
      DefaultVersion: '1',
      LatestVersion: '1',
      VersionName: 'first',
      PlatformTypes: ['Linux', 'MacOS'],
      SchemaVersion: '2.2',
      DocumentFormat: 'JSON',
      Hash: made.DocumentDescription!.Hash,
      Parameters: [{ Name: 'who', Type: 'StringList', DefaultValue: '["a"]' }],
      Tags: [{ Key: 'env', Value: 'test' }],
    });
    expect((await call('GetDocument', { Name: 'Doc' })).Content).toBe(text);
    expect(
      (await call('GetDocument', { Name: 'arn:aws:ssm:us-east-1:123456789012:document/Doc', DocumentFormat: 'YAML' }))
        .Content,
    ).toMatch(/^schemaVersion: "2\.2"\n/);
    await expect(create('Doc')).rejects.toThrow(refusal('DocumentAlreadyExists'));
  });

  test.each(['aws-x', 'AWSEC2-x', 'Amazon-x', 'AMZN-x'])('the name %s is reserved', async (name) => {
    await expect(create(name)).rejects.toThrow(refusal('ValidationException', /reserved/));
  });

  test('versions: the default stays until it is moved; names, $LATEST and numbers find theirs', async () => {
    await create('Doc', { DisplayName: 'Shown' });
    const second = await update('Doc', 'echo 2', { VersionName: 'two' });
    expect(second.DocumentDescription).toMatchObject({
      Status: 'Updating',
      DocumentVersion: '2',
      LatestVersion: '2',
      DefaultVersion: '1',
      DisplayName: 'Shown',
    });
    const read = async (input: object) => (await call('GetDocument', { Name: 'Doc', ...input })).DocumentVersion;
    expect(await read({})).toBe('1');
    expect(await read({ DocumentVersion: '$DEFAULT' })).toBe('1');
    expect(await read({ DocumentVersion: '$LATEST' })).toBe('2');
    expect(await read({ VersionName: 'two' })).toBe('2');
    expect(await read({ VersionName: 'two', DocumentVersion: '2' })).toBe('2');
    await expect(read({ VersionName: 'two', DocumentVersion: '1' })).rejects.toThrow(refusal('InvalidDocumentVersion'));
    await expect(read({ DocumentVersion: '3' })).rejects.toThrow(refusal('InvalidDocumentVersion'));
    expect(
      (await call('ListDocuments', { Filters: [{ Key: 'Owner', Values: ['Self'] }] })).DocumentIdentifiers,
    ).toMatchObject([{ Name: 'Doc', DocumentVersion: '1' }]);

    expect((await call('UpdateDocumentDefaultVersion', { Name: 'Doc', DocumentVersion: '2' })).Description).toEqual({
      Name: 'Doc',
      DefaultVersion: '2',
      DefaultVersionName: 'two',
    });
    expect(await read({})).toBe('2');
    expect(
      (await call('ListDocuments', { Filters: [{ Key: 'Owner', Values: ['Self'] }] })).DocumentIdentifiers,
    ).toMatchObject([{ Name: 'Doc', DocumentVersion: '2', VersionName: 'two' }]);
    expect((await call('ListDocumentVersions', { Name: 'Doc' })).DocumentVersions).toMatchObject([
      { DocumentVersion: '2', IsDefaultVersion: true },
      { DocumentVersion: '1', IsDefaultVersion: false },
    ]);
  });

  test('what an update is refused for', async () => {
    await create('Doc', { VersionName: 'first' });
    await expect(update('Doc', 'echo 1')).rejects.toThrow(refusal('DuplicateDocumentContent'));
    await expect(update('Doc', 'echo 2', { VersionName: 'first' })).rejects.toThrow(
      refusal('DuplicateDocumentVersionName'),
    );
    await update('Doc', 'echo 2');
    const notLatest = refusal(
      'InvalidDocumentVersion',
      /^Version provided for document Doc is not latest\. Please provide the latest version to update document Doc$/,
    );
    await expect(update('Doc', 'echo 3', { DocumentVersion: '1' })).rejects.toThrow(notLatest);
    await expect(update('Doc', 'echo 3', { DocumentVersion: '3' })).rejects.toThrow(
      refusal('InvalidDocumentVersion', /^The document version is not valid or does not exist\.$/),
    );
    // None named means the default, which is not the latest any more.
    await expect(update('Doc', 'echo 3', { DocumentVersion: undefined })).rejects.toThrow(notLatest);
    await expect(update('Nothing', 'echo 3')).rejects.toThrow(refusal('InvalidDocument'));
    await expect(update('AWS-RunShellScript', 'echo 3')).rejects.toThrow(refusal('InvalidDocumentOperation'));
    expect((await call('ListDocumentVersions', { Name: 'Doc' })).DocumentVersions).toHaveLength(2);
  });

  test('schema 1.2 has one version', async () => {
    const old = JSON.stringify({
      schemaVersion: '1.2',
      runtimeConfig: { 'aws:runShellScript': { properties: [{ runCommand: ['a'] }] } },
    });
    await create('Old', { Content: old });
    await expect(update('Old', 'echo 2')).rejects.toThrow(refusal('InvalidDocumentSchemaVersion'));
    await create('New');
    await expect(call('UpdateDocument', { Name: 'New', Content: old, DocumentVersion: '$LATEST' })).rejects.toThrow(
      refusal('InvalidDocumentSchemaVersion'),
    );
  });

  test('a version that was deleted is gone, and its number is not given again', async () => {
    await create('Doc');
    await update('Doc', 'echo 2', { VersionName: 'two' });
    await update('Doc', 'echo 3');
    await expect(call('DeleteDocument', { Name: 'Doc', DocumentVersion: '1' })).rejects.toThrow(
      refusal('InvalidDocumentOperation'),
    );
    await call('DeleteDocument', { Name: 'Doc', VersionName: 'two' });
    await call('DeleteDocument', { Name: 'Doc', DocumentVersion: '3' });
    expect((await call('DescribeDocument', { Name: 'Doc' })).Document).toMatchObject({
      LatestVersion: '1',
      DefaultVersion: '1',
    });
    expect((await update('Doc', 'echo 2', { VersionName: 'two' })).DocumentDescription).toMatchObject({
      DocumentVersion: '4',
    });
  });

  test('deleted: gone from every read, its name free at once, its rows swept up', async () => {
    await create('Doc', { VersionName: 'first', Tags: [{ Key: 'a', Value: 'b' }] });
    await update('Doc', 'echo 2');
    const id = (await flotilla.state.get<{ id: string }>({ pk: 'DOCUMENT#Doc', sk: 'DOCUMENT' }))!.body.id;
    const left = async () => (await flotilla.state.query({ pk: `DOCUMENT-VERSIONS#${id}` })).rows;
    expect(await left()).toHaveLength(5);
    await call('DeleteDocument', { Name: 'Doc' });
    await expect(call('GetDocument', { Name: 'Doc' })).rejects.toThrow(
      refusal('InvalidDocument', /^Document with name Doc does not exist\.$/),
    );
    expect(await names({ Filters: [{ Key: 'Owner', Values: ['Self'] }] })).toEqual([]);
    await create('Doc', { VersionName: 'first' });
    flotilla.clock.advance(31 * 86_400_000);
    await fireTimers();
    expect(await left()).toEqual([]);
    expect((await call('DescribeDocument', { Name: 'Doc' })).Document).toMatchObject({
      LatestVersion: '1',
      VersionName: 'first',
      Tags: [],
    });
    expect((await call('ListDocumentVersions', { Name: 'Doc' })).DocumentVersions).toHaveLength(1);
  });

  test('what has been sent of it goes on to be what it was, though the name is another document’s by now', async () => {
    await create('Doc');
    const { pin } = await resolveDocument(flotilla.context, 'Doc');
    await call('DeleteDocument', { Name: 'Doc' });
    await create('Doc', { Content: content('echo another') });
    await fireTimers();
    expect(await pinnedDocument(flotilla.context, pin)).toMatchObject({
      name: 'Doc',
      documentVersion: '1',
      contentText: content('echo 1'),
    });
    flotilla.clock.advance(31 * 86_400_000);
    await fireTimers();
    await expect(pinnedDocument(flotilla.context, pin)).rejects.toThrow(refusal('InvalidDocument'));
    const ours = await resolveDocument(flotilla.context, 'AWS-RunShellScript');
    expect(await pinnedDocument(flotilla.context, ours.pin)).toEqual(ours);
  });

  test('a document of AWS’s name is there, and is not for changing', async () => {
    const document = await resolveDocument(
      flotilla.context,
      'arn:aws:ssm:us-east-1::document/AWS-RunShellScript',
      '$LATEST',
    );
    expect(document).toMatchObject({
      owner: 'Amazon',
      documentVersion: '1',
      schemaVersion: '1.2',
      platformTypes: ['Linux', 'MacOS'],
    });
    expect(JSON.parse((await call('GetDocument', { Name: 'AWS-RunShellScript' })).Content!)).toEqual(document.content);
    await expect(call('DeleteDocument', { Name: 'AWS-RunShellScript' })).rejects.toThrow(
      refusal('InvalidDocumentOperation'),
    );
    await expect(call('GetDocument', { Name: 'arn:aws:ssm:eu-west-1::document/AWS-RunShellScript' })).rejects.toThrow(
      refusal('InvalidDocument'),
    );
    expect(await taggableDocument.rowOf('AWS-RunShellScript', flotilla.context)).toBeUndefined();
  });
});

describe('several callers at once', () => {
  test('updates of $LATEST neither skip nor repeat a version', async () => {
    await create('Doc');
    const done = await Promise.all(Array.from({ length: 15 }, (_, at) => update('Doc', `echo many ${at}`)));
    const versions = done
      .map(({ DocumentDescription }) => Number(DocumentDescription!.DocumentVersion))
      .sort((one, other) => one - other);
    expect(versions).toEqual(Array.from({ length: 15 }, (_, at) => at + 2));
    for (const { DocumentDescription: made } of done) {
      const stored = await call('DescribeDocument', { Name: 'Doc', DocumentVersion: made!.DocumentVersion });
      expect(stored.Document!.Hash).toBe(made!.Hash);
    }
  });

  test('of updates of one numbered version, one goes through', async () => {
    await create('Doc');
    const done = await Promise.allSettled(
      Array.from({ length: 5 }, (_, at) => update('Doc', `echo ${at + 10}`, { DocumentVersion: '1' })),
    );
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of done)
      if (result.status === 'rejected') expect(result.reason).toHaveProperty('code', 'InvalidDocumentVersion');
  });

  test('of creations of one name, one goes through', async () => {
    const done = await Promise.allSettled(Array.from({ length: 5 }, () => create('Doc')));
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of done)
      if (result.status === 'rejected') expect(result.reason).toHaveProperty('code', 'DocumentAlreadyExists');
  });

  test('whatever the order of changes: latest is the highest there is, and no content or name is twice', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('update' as const),
        line: fc.integer({ min: 1, max: 6 }),
        name: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      }),
      fc.record({ do: fc.constant('delete' as const), version: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ do: fc.constant('default' as const), version: fc.integer({ min: 1, max: 8 }) }),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const Name = `Doc${run++}`;
        await create(Name);
        await Promise.allSettled(
          steps.map((one) => {
            if (one.do === 'update') return update(Name, `echo ${one.line}`, { VersionName: one.name });
            if (one.do === 'delete') return call('DeleteDocument', { Name, DocumentVersion: String(one.version) });
            return call('UpdateDocumentDefaultVersion', { Name, DocumentVersion: String(one.version) });
          }),
        );
        const { Document } = await call('DescribeDocument', { Name });
        const { DocumentVersions } = await call('ListDocumentVersions', { Name });
        const versions = DocumentVersions!.map(({ DocumentVersion }) => Number(DocumentVersion));
        expect(Number(Document!.LatestVersion)).toBe(Math.max(...versions));
        expect(versions).toContain(Number(Document!.DefaultVersion));
        const contents = await Promise.all(
          versions.map(
            async (version) => (await call('GetDocument', { Name, DocumentVersion: String(version) })).Content,
          ),
        );
        expect(new Set(contents).size).toBe(contents.length);
        const versionNames = DocumentVersions!.flatMap(({ VersionName }) => VersionName ?? []);
        expect(new Set(versionNames).size).toBe(versionNames.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the list', () => {
  beforeEach(async () => {
    await create('Backup', {
      Content: content('a', { description: 'Makes copies' }),
      TargetType: '/AWS::EC2::Instance',
      VersionName: 'v',
      Tags: [{ Key: 'env', Value: 'prod' }],
    });
    await create('Zip', {
      Content: JSON.stringify({ schemaVersion: '2.2', mainSteps: [{ action: 'aws:psModule', name: 'a', inputs: {} }] }),
      Tags: [{ Key: 'env', Value: 'test' }],
    });
    await create('BackupAll', { DocumentType: 'Policy' });
  });
  const filtered = (Key: string, ...Values: string[]) =>
    names({
      Filters: [
        { Key: 'Owner', Values: ['Self'] },
        { Key, Values },
      ],
    });

  test('this account’s and AWS’s together, in the order of names, page by page', async () => {
    const all = [...flotilla.context.ownedDocuments.map(({ name }) => name), 'Backup', 'BackupAll', 'Zip'].sort();
    expect(await names()).toEqual(all);
    const paged: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('ListDocuments', { MaxResults: 2, NextToken });
      expect(page.DocumentIdentifiers!.length).toBeGreaterThan(0);
      paged.push(...page.DocumentIdentifiers!.map(({ Name }) => Name));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(paged).toEqual(all);
  });

  test('each filter', async () => {
    expect(await filtered('Name', 'Back')).toEqual(['Backup', 'BackupAll']);
    expect(await filtered('DocumentType', 'Policy')).toEqual(['BackupAll']);
    expect(await filtered('PlatformTypes', 'Windows')).toEqual(['Zip']);
    expect(await filtered('TargetType', '/AWS::EC2::Instance')).toEqual(['Backup']);
    expect(await filtered('SearchKeyword', 'COPIES')).toEqual(['Backup']);
    expect(await filtered('VersionName', 'v')).toEqual(['Backup']);
    expect(await filtered('tag:env', 'prod', 'test')).toEqual(['Backup', 'Zip']);
    expect(
      await names({
        Filters: [
          { Key: 'Owner', Values: ['Amazon'] },
          { Key: 'Name', Values: ['AWS-RunShell'] },
        ],
      }),
    ).toEqual(['AWS-RunShellScript']);
    expect(await names({ Filters: [{ Key: 'Owner', Values: ['ThirdParty'] }] })).toEqual([]);
    expect(
      await names({
        DocumentFilterList: [
          { key: 'Owner', value: 'Self' },
          { key: 'Name', value: 'Zip' },
        ],
      }),
    ).toEqual(['Zip']);
  });

  test('filters that there are not', async () => {
    await expect(filtered('Colour', 'red')).rejects.toThrow(refusal('InvalidFilterKey', /Colour/));
    await expect(names({ Filters: [{ Key: 'Owner', Values: ['Self', 'Amazon'] }] })).rejects.toThrow(
      refusal('ValidationException'),
    );
    await expect(
      names({ Filters: [{ Key: 'Name', Values: ['a'] }], DocumentFilterList: [{ key: 'Name', value: 'a' }] }),
    ).rejects.toThrow(refusal('ValidationException'));
    await expect(names({ NextToken: 'nonsense' })).rejects.toThrow(refusal('InvalidNextToken'));
  });

  test('tags that are set later are found', async () => {
    await tagOperations([taggableDocument]).AddTagsToResource(
      { ResourceType: 'Document', ResourceId: 'Zip', Tags: [{ Key: 'late', Value: 'yes' }] },
      flotilla.as(),
    );
    expect(await filtered('tag:late', 'yes')).toEqual(['Zip']);
  });
});

test('versions page by page, newest first', async () => {
  await create('Doc');
  for (let at = 2; at <= 5; at++) await update('Doc', `echo ${at}`);
  const pages: string[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('ListDocumentVersions', { Name: 'Doc', MaxResults: 2, NextToken });
    pages.push(page.DocumentVersions!.map(({ DocumentVersion }) => DocumentVersion!));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(pages).toEqual([['5', '4'], ['3', '2'], ['1']]);
});

describe('sharing', () => {
  const share = (more: object) => call('ModifyDocumentPermission', { Name: 'Doc', PermissionType: 'Share', ...more });
  const shared = async () =>
    (await call('DescribeDocumentPermission', { Name: 'Doc', PermissionType: 'Share' })).AccountSharingInfoList;
  const [one, two] = ['111111111111', '222222222222'];

  test('added, removed, and in the way of deletion', async () => {
    await create('Doc');
    await share({ AccountIdsToAdd: [one, two] });
    expect(await shared()).toEqual([one, two].map((AccountId) => ({ AccountId, SharedDocumentVersion: '$DEFAULT' })));
    await share({ AccountIdsToAdd: [one], AccountIdsToRemove: [one], SharedDocumentVersion: '$LATEST' });
    expect(await shared()).toEqual([{ AccountId: two, SharedDocumentVersion: '$DEFAULT' }]);
    await expect(call('DeleteDocument', { Name: 'Doc' })).rejects.toThrow(
      refusal('InvalidDocumentOperation', /shared/),
    );
    await share({ AccountIdsToRemove: [two] });
    await call('DeleteDocument', { Name: 'Doc' });
  });

  test('the accounts are listed in the order in which they were given, page by page', async () => {
    await create('Doc');
    await share({ AccountIdsToAdd: [two, '333333333333'] });
    await share({ AccountIdsToAdd: [one, two], SharedDocumentVersion: '$LATEST' });
    const describe = (more: object = {}) =>
      call('DescribeDocumentPermission', { Name: 'Doc', PermissionType: 'Share', ...more });
    expect((await describe()).AccountIds).toEqual([two, '333333333333', one]);
    expect(await shared()).toMatchObject([
      { AccountId: two, SharedDocumentVersion: '$LATEST' },
      { AccountId: '333333333333', SharedDocumentVersion: '$DEFAULT' },
      { AccountId: one, SharedDocumentVersion: '$LATEST' },
    ]);
    const first = await describe({ MaxResults: 2 });
    expect(first.AccountIds).toEqual([two, '333333333333']);
    expect((await describe({ NextToken: first.NextToken })).AccountIds).toEqual([one]);
    await share({ AccountIdsToRemove: [two] });
    await share({ AccountIdsToAdd: [two] });
    expect((await describe()).AccountIds).toEqual(['333333333333', one, two]);
  });

  test('what is refused', async () => {
    await create('Doc');
    await expect(share({ PermissionType: 'Sell' })).rejects.toThrow(refusal('InvalidPermissionType'));
    await expect(share({ AccountIdsToAdd: ['all', one] })).rejects.toThrow(refusal('DocumentPermissionLimit'));
    await expect(share({ AccountIdsToAdd: ['12'] })).rejects.toThrow(refusal('ValidationException'));
    const SettingId = '/ssm/documents/console/public-sharing-permission';
    await settings.UpdateServiceSetting({ SettingId, SettingValue: 'Disable' }, flotilla.as());
    await expect(share({ AccountIdsToAdd: ['All'] })).rejects.toThrow(
      refusal('DocumentPermissionLimit', /public sharing is blocked/),
    );
    await settings.ResetServiceSetting({ SettingId }, flotilla.as());
    await share({ AccountIdsToAdd: ['All'] });
    expect(await shared()).toEqual([{ AccountId: 'all', SharedDocumentVersion: '$DEFAULT' }]);
  });
});

test('AWS’s quota of documents holds when it is asked for', async () => {
  await flotilla.close();
  flotilla = testContext({ settings: { awsQuotas: true, endpoint: '', nodeEndpoint: '', filesEndpoint: '' } });
  await flotilla.state.batch(
    Array.from({ length: 499 }, (_, at) => ({ put: { pk: 'DOCUMENTS', sk: `Filler${at}` }, body: {} })),
  );
  await create('Fits');
  await expect(create('DoesNot')).rejects.toThrow(refusal('DocumentLimitExceeded'));
});

async function fireTimers(): Promise<void> {
  for (let shard = 0; shard < timerShards; shard++)
    for (const { body } of (await flotilla.state.query<Timer>({ pk: timerPartition(shard) })).rows)
      if (body.due <= flotilla.clock.now()) await timers[body.kind]?.(body, guarded('fire-timers', flotilla.context));
}
