/** Documents through AWS's own client, over HTTP, with real signatures. */
import {
  CreateDocumentCommand,
  DeleteDocumentCommand,
  DescribeDocumentCommand,
  DescribeDocumentPermissionCommand,
  GetDocumentCommand,
  ListDocumentVersionsCommand,
  ListTagsForResourceCommand,
  ModifyDocumentPermissionCommand,
  paginateListDocuments,
  type SSMClient,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeNode } from '../functions/nodes/nodes-fixture.ts';
import { openFrontDoor, type FrontDoor } from '../support/front-door.ts';

let flotilla: FrontDoor;
let admin: SSMClient;

beforeEach(async () => {
  flotilla = await openFrontDoor();
  admin = flotilla.client();
});
afterEach(() => flotilla.close());

const script = (line: string): string => `# Says something.
schemaVersion: '2.2'
description: Says something.
parameters:
  who:
    type: StringList
    default: [world]
mainSteps:
  - action: aws:runShellScript
    name: say
    precondition:
      StringEquals: [platformType, Linux]
    inputs:
      runCommand:
        - ${line}
`;

test('a YAML document lives: made, changed, made the default, read either way, listed, shared, deleted', async () => {
  const { DocumentDescription: made } = await admin.send(
    new CreateDocumentCommand({
      Name: 'Say',
      Content: script('echo one'),
      DocumentFormat: 'YAML',
      DocumentType: 'Command',
      VersionName: 'one',
      Tags: [{ Key: 'team', Value: 'web' }],
    }),
  );
  expect(made).toMatchObject({
    Name: 'Say',
    Status: 'Creating',
    PlatformTypes: ['Linux'],
    SchemaVersion: '2.2',
    CreatedDate: expect.any(Date) as Date,
  });
  expect((await admin.send(new GetDocumentCommand({ Name: 'Say', DocumentFormat: 'YAML' }))).Content).toBe(
    script('echo one'),
  );
  const { Content, DocumentFormat } = await admin.send(new GetDocumentCommand({ Name: 'Say' }));
  expect(DocumentFormat).toBe('JSON');
  expect(JSON.parse(Content ?? '')).toMatchObject({
    schemaVersion: '2.2',
    mainSteps: [{ name: 'say', inputs: { runCommand: ['echo one'] } }],
  });

  await admin.send(
    new UpdateDocumentCommand({
      Name: 'Say',
      Content: script('echo two'),
      DocumentFormat: 'YAML',
      DocumentVersion: '$LATEST',
    }),
  );
  await admin.send(new UpdateDocumentDefaultVersionCommand({ Name: 'Say', DocumentVersion: '2' }));
  expect((await admin.send(new DescribeDocumentCommand({ Name: 'Say' }))).Document).toMatchObject({
    Status: 'Active',
    DocumentVersion: '2',
    DefaultVersion: '2',
    LatestVersion: '2',
    Parameters: [{ Name: 'who', Type: 'StringList', DefaultValue: '["world"]' }],
  });
  expect((await admin.send(new ListDocumentVersionsCommand({ Name: 'Say' }))).DocumentVersions).toMatchObject([
    { DocumentVersion: '2', IsDefaultVersion: true },
    { DocumentVersion: '1', VersionName: 'one' },
  ]);
  expect(
    (await admin.send(new ListTagsForResourceCommand({ ResourceType: 'Document', ResourceId: 'Say' }))).TagList,
  ).toEqual([{ Key: 'team', Value: 'web' }]);

  const names: (string | undefined)[] = [];
  for await (const page of paginateListDocuments(
    { client: admin, pageSize: 2 },
    { Filters: [{ Key: 'PlatformTypes', Values: ['Linux'] }] },
  ))
    names.push(...(page.DocumentIdentifiers ?? []).map(({ Name }) => Name));
  expect(names).toContain('AWS-RunShellScript');
  expect(names).toContain('Say');
  expect(names).toEqual([...new Set(names)].sort());

  await admin.send(
    new ModifyDocumentPermissionCommand({ Name: 'Say', PermissionType: 'Share', AccountIdsToAdd: ['111122223333'] }),
  );
  expect(
    (await admin.send(new DescribeDocumentPermissionCommand({ Name: 'Say', PermissionType: 'Share' }))).AccountIds,
  ).toEqual(['111122223333']);
  await expect(admin.send(new DeleteDocumentCommand({ Name: 'Say' }))).rejects.toMatchObject({
    name: 'InvalidDocumentOperation',
  });
  await admin.send(
    new ModifyDocumentPermissionCommand({ Name: 'Say', PermissionType: 'Share', AccountIdsToRemove: ['111122223333'] }),
  );
  await admin.send(new DeleteDocumentCommand({ Name: 'Say' }));
  await expect(admin.send(new DescribeDocumentCommand({ Name: 'Say' }))).rejects.toMatchObject({
    name: 'InvalidDocument',
    message: 'Document with name Say does not exist.',
  });
});

test('a writer is told the line and the path', async () => {
  const wrong = script('echo one').replace('runCommand:', 'runCommands:');
  await expect(
    admin.send(new CreateDocumentCommand({ Name: 'Say', Content: wrong, DocumentFormat: 'YAML' })),
  ).rejects.toMatchObject({
    name: 'InvalidDocumentContent',
    message: 'mainSteps[0].inputs.runCommand (line 13): is missing; aws:runShellScript needs it',
  });
  await expect(
    admin.send(new CreateDocumentCommand({ Name: 'Say', Content: script('echo one'), DocumentFormat: 'JSON' })),
  ).rejects.toMatchObject({ name: 'InvalidDocumentContent' });
});

test('a viewer reads and does not write; a node reads what it is to run', async () => {
  await admin.send(new CreateDocumentCommand({ Name: 'Say', Content: script('echo one'), DocumentFormat: 'YAML' }));
  const viewer = flotilla.client(await flotilla.keyFor('viewer'));
  expect((await viewer.send(new GetDocumentCommand({ Name: 'Say' }))).Status).toBe('Active');
  await expect(viewer.send(new DeleteDocumentCommand({ Name: 'Say' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  const node = flotilla.client(await flotilla.keyForNode(await makeNode(flotilla.context)));
  expect((await node.send(new GetDocumentCommand({ Name: 'Say', DocumentVersion: '1' }))).Status).toBe('Active');
  await expect(node.send(new DeleteDocumentCommand({ Name: 'Say' }))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});
