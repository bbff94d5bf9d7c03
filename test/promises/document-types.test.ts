/** Documents of every kind through the real client: attachments from S3, schemas that configurations must fit. */
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateDocumentCommand,
  DeleteDocumentCommand,
  DescribeDocumentCommand,
  GetDocumentCommand,
  ListDocumentsCommand,
  ListDocumentVersionsCommand,
  SendCommandCommand,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientOf, eventually, startServer, type ServerProcess } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
let server: ServerProcess;
let ssm: SSMClient;
let s3: S3Client;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const put = (Key: string, Body: Uint8Array) => s3.send(new PutObjectCommand({ Bucket: 'sources', Key, Body }));
const settled = (Name: string, DocumentVersion?: string) =>
  eventually(`${Name} to settle`, async () => {
    const { Document } = await ssm.send(new DescribeDocumentCommand({ Name, DocumentVersion }));
    return Document?.Status === 'Creating' ? undefined : Document;
  });
const refusal = (name: string, message: RegExp) =>
  expect.objectContaining({ name, message: expect.stringMatching(message) as string }) as Error;

beforeAll(async () => {
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  const { connection } = server;
  ssm = clientOf(connection);
  s3 = new S3Client({
    endpoint: connection.endpoint,
    region: connection.region,
    credentials: connection,
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'sources' }));
});

afterAll(async () => {
  s3.destroy();
  await server.kill('SIGTERM');
  remove();
});

describe('a package', () => {
  const one = randomBytes(300_000);
  const two = randomBytes(1_000);
  const manifest = (version: string, files: Readonly<Record<string, string>>) =>
    JSON.stringify({
      schemaVersion: '2.0',
      version,
      packages: Object.fromEntries(
        Object.keys(files).map((file, at) => [at === 0 ? 'debian' : 'windows', { _any: { x86_64: { file } } }]),
      ),
      files: Object.fromEntries(Object.entries(files).map(([file, sum]) => [file, { checksums: { sha256: sum } }])),
    });

  test('its files are copied, checked, and given out by URLs', async () => {
    await put('pkg/one.zip', one);
    await put('pkg/two.zip', two);
    const Content = manifest('1.0', { 'one.zip': sha256(one), 'two.zip': sha256(two) });
    const made = await ssm.send(
      new CreateDocumentCommand({
        Name: 'Pkg',
        DocumentType: 'Package',
        VersionName: '1.0',
        Content,
        Attachments: [{ Key: 'SourceUrl', Values: ['s3://sources/pkg'] }],
      }),
    );
    expect(made.DocumentDescription).toMatchObject({
      Status: 'Creating',
      DocumentType: 'Package',
      PlatformTypes: ['Windows', 'Linux'],
    });
    expect(await settled('Pkg')).toMatchObject({
      Status: 'Active',
      AttachmentsInformation: [{ Name: 'one.zip' }, { Name: 'two.zip' }],
    });
    const { AttachmentsContent } = await ssm.send(new GetDocumentCommand({ Name: 'Pkg', VersionName: '1.0' }));
    expect(AttachmentsContent).toMatchObject([
      { Name: 'one.zip', Size: one.length, Hash: sha256(one), HashType: 'Sha256' },
      { Name: 'two.zip', Size: two.length },
    ]);
    const fetched = await fetch(AttachmentsContent![0]!.Url!);
    expect(sha256(new Uint8Array(await fetched.arrayBuffer()))).toBe(sha256(one));
  });

  test('the next version takes a file of the last one by reference; the default moves when it is told to', async () => {
    const changed = randomBytes(500);
    await put('next/two.zip', changed);
    const Content = manifest('2.0', { 'one.zip': sha256(one), 'two.zip': sha256(changed) });
    await ssm.send(
      new UpdateDocumentCommand({
        Name: 'Pkg',
        DocumentVersion: '$LATEST',
        VersionName: '2.0',
        Content,
        Attachments: [
          { Key: 'AttachmentReference', Values: ['Pkg/1/one.zip'] },
          { Key: 'S3FileUrl', Values: ['s3://sources/next/two.zip'] },
        ],
      }),
    );
    expect(await settled('Pkg', '2')).toMatchObject({ Status: 'Active', VersionName: '2.0' });
    await ssm.send(new UpdateDocumentDefaultVersionCommand({ Name: 'Pkg', DocumentVersion: '2' }));
    const { AttachmentsContent } = await ssm.send(new GetDocumentCommand({ Name: 'Pkg' }));
    expect(AttachmentsContent!.map(({ Hash }) => Hash)).toEqual([sha256(one), sha256(changed)]);
  });

  test('a file that is not what the manifest says fails the version and says why; it never becomes the default', async () => {
    const Content = manifest('3.0', { 'one.zip': 'f'.repeat(64), 'two.zip': sha256(two) });
    await ssm.send(
      new UpdateDocumentCommand({
        Name: 'Pkg',
        DocumentVersion: '$LATEST',
        VersionName: '3.0',
        Content,
        Attachments: [{ Key: 'SourceUrl', Values: ['s3://sources/pkg/'] }],
      }),
    );
    expect(await settled('Pkg', '3')).toMatchObject({
      Status: 'Failed',
      StatusInformation: `The SHA-256 of one.zip is ${sha256(one)}, not ${'f'.repeat(64)} as the document says.`,
    });
    const { DocumentVersions } = await ssm.send(new ListDocumentVersionsCommand({ Name: 'Pkg' }));
    expect(DocumentVersions!.map(({ DocumentVersion, Status }) => [DocumentVersion, Status])).toEqual([
      ['3', 'Failed'],
      ['2', 'Active'],
      ['1', 'Active'],
    ]);
    await expect(
      ssm.send(new UpdateDocumentDefaultVersionCommand({ Name: 'Pkg', DocumentVersion: '3' })),
    ).rejects.toThrow(refusal('InvalidDocumentVersion', /not active/));
  });

  test.each([
    ['SHA256', 'in capitals', 'Active', (sum: string) => sum.toUpperCase()],
    ['SHA256', 'in small letters', 'Active', (sum: string) => sum],
    ['SHA256', 'of another file', 'Failed', () => 'F'.repeat(64)],
  ])('a runbook’s file by its %s %s: %s', async (algorithm, how, status, sumOf) => {
    const name = `Code-${status}-${how.replaceAll(' ', '')}`;
    await put('code/code.zip', one);
    await ssm.send(
      new CreateDocumentCommand({
        Name: name,
        DocumentType: 'Automation',
        Content: JSON.stringify({
          schemaVersion: '0.3',
          mainSteps: [{ name: 'wait', action: 'aws:sleep', inputs: { Duration: 'PT1S' } }],
          files: { 'code.zip': { checksums: { [algorithm]: sumOf(sha256(one)) } } },
        }),
        Attachments: [{ Key: 'SourceUrl', Values: ['s3://sources/code'] }],
      }),
    );
    expect((await settled(name)).Status).toBe(status);
  });

  test.each<[string, { readonly files?: Readonly<Record<string, string>>; readonly value?: string }, RegExp]>([
    ['missing', { files: { 'absent.zip': sha256(two) } }, /absent\.zip is not at s3:\/\/sources\/pkg\/absent\.zip/],
    ['of no bucket', { value: 's3://no-such-bucket/pkg' }, /There is no bucket no-such-bucket/],
  ])('a file that is %s', async (what, { files = { 'two.zip': sha256(two) }, value = 's3://sources/pkg' }, message) => {
    const Name = `Pkg-${what.replaceAll(' ', '-')}`;
    await ssm.send(
      new CreateDocumentCommand({
        Name,
        DocumentType: 'Package',
        Content: manifest('1.0', files),
        Attachments: [{ Key: 'SourceUrl', Values: [value] }],
      }),
    );
    const { Status, StatusInformation } = await settled(Name);
    expect(Status).toBe('Failed');
    expect(StatusInformation).toMatch(message);
  });

  test('what is refused at once', async () => {
    const Content = manifest('1.0', { 'two.zip': sha256(two) });
    await expect(
      ssm.send(new CreateDocumentCommand({ Name: 'Bare', DocumentType: 'Package', Content })),
    ).rejects.toThrow(refusal('InvalidDocumentContent', /say in Attachments/));
    await expect(
      ssm.send(
        new CreateDocumentCommand({
          Name: 'Bare',
          DocumentType: 'Package',
          VersionName: '9',
          Content,
          Attachments: [{ Key: 'SourceUrl', Values: ['s3://sources/pkg'] }],
        }),
      ),
    ).rejects.toThrow(refusal('InvalidDocumentContent', /not the manifest's version/));
    await expect(
      ssm.send(new SendCommandCommand({ DocumentName: 'Pkg', Targets: [{ Key: 'InstanceIds', Values: ['*'] }] })),
    ).rejects.toThrow(refusal('InvalidDocument', /type Package/));
  });
});

test('a command whose attachments are yet to come, or never will, is not sent', async () => {
  const Content = JSON.stringify({
    schemaVersion: '2.2',
    mainSteps: [{ action: 'aws:runShellScript', name: 'a', inputs: { runCommand: ['true'] } }],
  });
  await ssm.send(
    new CreateDocumentCommand({
      Name: 'Broken',
      Content,
      Attachments: [{ Key: 'S3FileUrl', Values: ['s3://sources/nothing'] }],
    }),
  );
  expect((await settled('Broken')).Status).toBe('Failed');
  await expect(
    ssm.send(new SendCommandCommand({ DocumentName: 'Broken', Targets: [{ Key: 'InstanceIds', Values: ['*'] }] })),
  ).rejects.toThrow(refusal('InvalidDocument', /not active/));
});

describe('a configuration', () => {
  const schema = (more: object) =>
    JSON.stringify({
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      properties: { port: { type: 'integer', minimum: 1 } },
      required: ['port'],
      ...more,
    });
  const configuration = (Name: string, Content: string, more: object = {}) =>
    new CreateDocumentCommand({
      Name,
      DocumentType: 'ApplicationConfiguration',
      Content,
      Requires: [{ Name: 'Schema', Version: '1' }],
      ...more,
    });

  test('fits its schema or is refused with the line', async () => {
    await ssm.send(
      new CreateDocumentCommand({
        Name: 'Schema',
        DocumentType: 'ApplicationConfigurationSchema',
        Content: schema({}),
      }),
    );
    await ssm.send(configuration('Config', '{"port": 80}'));
    await expect(ssm.send(configuration('Other', '{\n  "port": 0\n}'))).rejects.toThrow(
      refusal('InvalidDocumentContent', /does not fit the schema Schema: port \(line 2\): must be >= 1/),
    );
    await ssm.send(configuration('Yaml', 'port: 443\n', { DocumentFormat: 'YAML' }));
    expect((await ssm.send(new GetDocumentCommand({ Name: 'Yaml', DocumentFormat: 'JSON' }))).Content).toBe(
      '{\n  "port": 443\n}',
    );
    await expect(
      ssm.send(new UpdateDocumentCommand({ Name: 'Config', DocumentVersion: '$LATEST', Content: '{"host": "a"}' })),
    ).rejects.toThrow(refusal('InvalidDocumentContent', /required property 'port'/));
  });

  test('needs a schema, which must be one', async () => {
    await expect(ssm.send(configuration('Other', '{}', { Requires: undefined }))).rejects.toThrow(
      refusal('ValidationException', /requires a document of type ApplicationConfigurationSchema/),
    );
    await expect(
      ssm.send(configuration('Other', '{}', { Requires: [{ Name: 'AWS-RunShellScript' }] })),
    ).rejects.toThrow(refusal('InvalidDocument', /not ApplicationConfigurationSchema/));
    await expect(
      ssm.send(
        new CreateDocumentCommand({
          Name: 'Bad',
          DocumentType: 'ApplicationConfigurationSchema',
          Content: schema({ type: 'thing' }),
        }),
      ),
    ).rejects.toThrow(refusal('InvalidDocumentContent', /not a JSON Schema/));
  });

  test('its schema is deleted by force alone', async () => {
    await expect(ssm.send(new DeleteDocumentCommand({ Name: 'Schema' }))).rejects.toThrow(
      refusal('InvalidDocumentOperation', /Force/),
    );
    await ssm.send(new DeleteDocumentCommand({ Name: 'Schema', Force: true }));
  });
});

test('a calendar is text, whatever it is asked for as', async () => {
  const Content = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-CALENDAR-TYPE:DEFAULT_OPEN\r\nEND:VCALENDAR\r\n';
  await expect(
    ssm.send(new CreateDocumentCommand({ Name: 'Calendar', DocumentType: 'ChangeCalendar', Content })),
  ).rejects.toThrow(refusal('ValidationException', /written in TEXT, not in JSON/));
  await ssm.send(
    new CreateDocumentCommand({ Name: 'Calendar', DocumentType: 'ChangeCalendar', DocumentFormat: 'TEXT', Content }),
  );
  expect(await ssm.send(new GetDocumentCommand({ Name: 'Calendar' }))).toMatchObject({
    Content,
    DocumentFormat: 'TEXT',
    DocumentType: 'ChangeCalendar',
  });
  const { DocumentIdentifiers } = await ssm.send(
    new ListDocumentsCommand({ Filters: [{ Key: 'DocumentType', Values: ['ChangeCalendar'] }] }),
  );
  expect(DocumentIdentifiers).toMatchObject([{ Name: 'Calendar', DocumentFormat: 'TEXT', PlatformTypes: [] }]);
});
