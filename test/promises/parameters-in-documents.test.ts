/** `{{ssm:…}}` in a document: the node's own agent asks for it, with the node's key, before the step. */
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openManagedMachine, type ManagedMachine } from '../support/managed-machine.ts';

let machine: ManagedMachine;
let client: SSMClient;
beforeAll(async () => {
  machine = await openManagedMachine();
  ({ client } = machine);
});
afterAll(() => machine.close());

const say = (line: string) => machine.run('AWS-RunShellScript', { commands: [line] });

test('values by name, version and label come into the step; a secret, and what is not there, fail it', async () => {
  await client.send(new PutParameterCommand({ Name: '/app/greeting', Value: 'hello', Type: 'String' }));
  await client.send(new PutParameterCommand({ Name: '/app/greeting', Value: 'good morning', Overwrite: true }));
  await client.send(new PutParameterCommand({ Name: 'who', Value: 'a,b', Type: 'StringList' }));
  await client.send(new PutParameterCommand({ Name: '/app/secret', Value: 'hunter2', Type: 'SecureString' }));
  expect(await say('echo {{ssm:/app/greeting}} {{ssm:who}} {{ssm:/app/greeting:1}}')).toMatchObject({
    Status: 'Success',
    StandardOutputContent: 'good morning a,b hello\n',
  });
  const refused = await say('echo {{ssm:/app/secret}}');
  expect(refused.Status).toBe('Failed');
  expect(`${refused.StandardOutputContent}${refused.StandardErrorContent}`).toContain('SecureString');
  expect(JSON.stringify(refused)).not.toContain('hunter2');
  expect((await say('echo {{ssm:/app/nobody}}')).StandardErrorContent).toContain('/app/nobody');
});

test('a name without its first slash is the same parameter', async () => {
  await client.send(new PutParameterCommand({ Name: '/port', Value: '5432', Type: 'String' }));
  expect((await say('echo {{ssm:port}} {{ ssm:/port }} {{ssm:port:1}}')).StandardOutputContent).toBe(
    '5432 5432 5432\n',
  );
});

test('of several names, the one that could not be read is named, with the reason', async () => {
  await client.send(new PutParameterCommand({ Name: '/fine', Value: '1', Type: 'String' }));
  const refused = await say('echo {{ssm:/fine}} {{ssm:not/valid}}');
  expect(refused.Status).toBe('Failed');
  expect(refused.StandardErrorContent).toContain(
    'The parameter not/valid could not be read from Parameter Store: ValidationException: Parameter name must be',
  );
});

test('a secret of a source that is not there is named in words', async () => {
  const source = { repository: 'https://git.invalid/ops.git', username: 'ci', password: '{{ssm-secure:/git/nobody}}' };
  const parameters = { sourceType: ['Git'], sourceInfo: [JSON.stringify(source)], commandLine: ['true'] };
  const refused = await machine.run('AWS-RunRemoteScript', parameters, 'downloadContent');
  expect(refused.Status).toBe('Failed');
  expect(refused.StandardErrorContent).toContain(
    'The parameter /git/nobody could not be read from Parameter Store: ' +
      'ParameterNotFound: Parameter /git/nobody not found.',
  );
});
