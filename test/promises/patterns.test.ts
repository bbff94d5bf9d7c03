/**
 * A user's pattern, however slow, stops nobody: a real server, a viewer who sends nothing else, and somebody who works
 * meanwhile. Nothing is timed: the viewer goes on until the others have all of their answers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import type { ServiceError } from '../../core/http-client.ts';
import { startServer, type ServerProcess } from '../support/flotilla-process.ts';

let server: ServerProcess;
let admin: Client;
const folder = mkdtempSync(path.join(os.tmpdir(), 'flotilla-patterns-'));

beforeAll(async () => {
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  admin = new Client(server.connection);
  await createDocument('Slow', '^(a+)+$');
  await createDocument('Careful', '^(?=.*[a-z])(?=.*\\d)[a-z\\d]{8,64}$');
});
afterAll(async () => {
  await server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const createDocument = (Name: string, allowedPattern: string) =>
  admin.ssm('CreateDocument', {
    Name,
    DocumentType: 'Command',
    Content: JSON.stringify({
      schemaVersion: '2.2',
      parameters: { word: { type: 'String', allowedPattern } },
      mainSteps: [{ action: 'aws:runShellScript', name: 'say', inputs: { runCommand: ['echo {{ word }}'] } }],
    }),
  });

async function clientOf(role: string): Promise<Client> {
  const key = await admin.call<{ AccessKeyId: string; SecretAccessKey: string }>('POST', '/x/keys', {
    Name: role,
    Role: role,
  });
  return new Client({ ...server.connection, accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey });
}

const everywhere = [{ Key: 'tag:there', Values: ['is none'] }];
const slow = { word: [`${'a'.repeat(34)}!`] };
const preview = (client: Client, DocumentName: string, Parameters: object) =>
  client.call<{ DocumentName: string }>('POST', '/x/commands/preview', {
    DocumentName,
    Parameters,
    Targets: everywhere,
  });

test('while a viewer sends nothing but slow patterns, everybody else is answered', async () => {
  const viewer = await clientOf('viewer');
  const operator = await clientOf('operator');
  let over = false;
  const refusals = new Set<string>();
  const flood = Array.from({ length: 10 }, async () => {
    while (!over) await preview(viewer, 'Slow', slow).catch((error: ServiceError) => refusals.add(error.code));
  });
  for (let count = 0; count < 10; count++) {
    expect((await fetch(`${server.connection.endpoint}/health`)).status).toBe(200);
    // A pattern that has to wait for its turn, and one that need not.
    expect((await preview(operator, 'Careful', { word: ['abcdefg1'] })).DocumentName).toBe('Careful');
    await operator.ssm('PutParameter', {
      Name: `/number/${count}`,
      Type: 'String',
      Value: '12',
      AllowedPattern: '^\\d+$',
    });
  }
  over = true;
  await Promise.all(flood);
  expect([...refusals]).toEqual(['InvalidParameters']);
});

test('each way to bring a pattern ends with that operation’s refusal', async () => {
  const codeOf = (answer: Promise<unknown>) => answer.then(String, (error: ServiceError) => error.code);
  expect(
    await Promise.all([
      codeOf(admin.ssm('SendCommand', { DocumentName: 'Slow', Parameters: slow, Targets: everywhere })),
      codeOf(admin.ssm('CreateAssociation', { Name: 'Slow', Parameters: slow, Targets: everywhere })),
      codeOf(
        admin.ssm('PutParameter', { Name: '/slow', Type: 'String', Value: slow.word[0], AllowedPattern: '^(a+)+$' }),
      ),
      codeOf(createDocument('TooLarge', '(a|b)'.repeat(1_000))),
      codeOf(createDocument('Huge', '((a{1000}){1000})')),
    ]),
  ).toEqual([
    'InvalidParameters',
    'InvalidParameters',
    'InvalidAllowedPatternException',
    'InvalidDocumentContent',
    expect.stringContaining('object'),
  ]);
});

test('the patterns of a JSON Schema are judged like all others', async () => {
  const create = (Name: string, DocumentType: string, content: object, Requires?: object[]) =>
    admin.ssm('CreateDocument', { Name, DocumentType, Content: JSON.stringify(content), Requires });
  await create('Schema', 'ApplicationConfigurationSchema', {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: { slow: { pattern: '^(a+)+$' }, port: { type: 'string', pattern: '^(?!0)\\d{1,5}$' } },
    patternProperties: { '^x-': { type: 'string', pattern: '^[a-z]+$' } },
    additionalProperties: false,
  });
  const configure = (name: string, content: object) =>
    create(name, 'ApplicationConfiguration', content, [{ Name: 'Schema', Version: '1' }]);
  await configure('Good', { slow: 'aaaa', port: '80', 'x-name': 'web' });
  await expect(configure('Zero', { port: '080' })).rejects.toThrow(/must match pattern/);
  await expect(configure('Wrong', { 'x-name': 'WEB' })).rejects.toThrow(/must match pattern/);
  await expect(configure('Other', { other: 'web' })).rejects.toThrow(/must NOT have additional properties/);
  await expect(configure('Slow-One', { slow: slow.word[0] })).rejects.toThrow(/takes too long to compare/);
});
