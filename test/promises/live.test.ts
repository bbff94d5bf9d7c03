/** `flotilla exec`, `preview` and `output` as processes, against a Flotilla and agents that are processes too. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  AddTagsToResourceCommand,
  CreateDocumentCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { ServiceError } from '../../core/http-client.ts';
import type { Preview } from '../../cli/preview/words.ts';
import { flotilla, type RunningCommand } from '../support/flotilla-command.ts';
import {
  clientOf,
  eventually,
  startAgent,
  startServer,
  type AgentProcess,
  type ServerProcess,
} from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const { folder, remove } = temporaryFolder();
let server: ServerProcess;
let agents: AgentProcess[];
let client: SSMClient;

beforeAll(async () => {
  server = await startServer(path.join(folder, 'data'), 0, path.join(folder, 'events'));
  client = clientOf(server.connection, 3);
  agents = [];
  for (const name of ['web1', 'web2', 'db1']) {
    const agent = await startAgent(client, server.connection, path.join(folder, name));
    agents.push(agent);
    const tags = [
      { Key: 'Name', Value: name },
      { Key: 'role', Value: name.replace(/\d/, '') },
    ];
    await client.send(
      new AddTagsToResourceCommand({ ResourceType: 'ManagedInstance', ResourceId: agent.nodeId, Tags: tags }),
    );
  }
});
afterAll(async () => {
  for (const agent of agents) await agent.kill('SIGTERM');
  await server.kill('SIGTERM');
  remove();
});

const run = (...args: readonly string[]): RunningCommand => flotilla(server.connection, args);
const ended = async (...args: readonly string[]): Promise<{ code: number | string; out: string; error: string }> => {
  const command = run(...args);
  const code = await command.ended;
  return { code, out: command.out, error: command.error };
};
/** With standard output into a file, for bytes that are no text. */
async function redirected(args: readonly string[], file: string): Promise<{ code: number | string; error: string }> {
  const output = openSync(file, 'w');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.resolve(import.meta.dirname, '../../cli/main.ts'), ...args],
    {
      env: {
        ...process.env,
        FLOTILLA_ENDPOINT: server.connection.endpoint,
        FLOTILLA_ACCESS_KEY_ID: server.connection.accessKeyId,
        FLOTILLA_SECRET_ACCESS_KEY: server.connection.secretAccessKey,
      },
      stdio: ['ignore', output, 'pipe'],
    },
  );
  closeSync(output);
  let error = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (error += text));
  const code = await new Promise<number | string>((resolve) =>
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'gone')),
  );
  return { code, error };
}
const commandsSent = async (): Promise<number> => (await client.send(new ListCommandsCommand({}))).Commands!.length;

describe('exec on one node', () => {
  test('puts out what the command puts out, where it does, and ends with its exit code', async () => {
    expect(await ended('exec', 'web1', '--', 'echo out; echo err >&2; exit 7')).toEqual({
      code: 7,
      out: 'out\n',
      error: 'err\nfailed to run commands: exit status 7',
    });
    expect(await ended('exec', agents[0]!.nodeId, '--', 'true')).toEqual({ code: 0, out: '', error: '' });
    // No end of line is added, and none is lost.
    expect(await ended('exec', 'web1', '--', 'printf', 'a b\n%s', 'c  d')).toMatchObject({ code: 0, out: 'a b\nc  d' });
  });

  test('puts out a character that two reports share byte for byte', async () => {
    const [go, copy] = [path.join(folder, 'go-on'), path.join(folder, 'shared-character')];
    const script = `printf 'caf\\303'; while [ ! -e ${go} ]; do sleep 0.1; done; printf '\\251 \\360\\237\\230\\200\\n'`;
    const command = redirected(['exec', 'web1', '--', script], copy);
    // The first report has come, and ends within a character.
    await eventually('the first output', () => (readFileSync(copy, 'utf8') === 'caf' ? true : undefined));
    writeFileSync(go, '');
    expect(await command).toEqual({ code: 0, error: '' });
    expect(readFileSync(copy, 'utf8')).toBe('café 😀\n');
  });

  test('puts out bytes that are no text byte for byte', async () => {
    const [original, copy] = [path.join(folder, 'random'), path.join(folder, 'random-copy')];
    const script = `(printf 'head\\n'; head -c 3000 /dev/urandom; printf tail) | tee ${original}`;
    expect(await redirected(['exec', 'web1', '--', script], copy)).toEqual({ code: 0, error: '' });
    expect(readFileSync(copy)).toEqual(readFileSync(original));
  });

  test('refuses a time that agents do not keep, before anything runs', async () => {
    const before = await commandsSent();
    expect(await ended('exec', '--timeout', '2', 'web1', '--', 'sleep 12')).toMatchObject({
      code: 1,
      error: expect.stringContaining('--timeout takes 5 to 172800 seconds') as string,
    });
    expect(await commandsSent()).toBe(before);
  });

  test('shows output while the command runs', async () => {
    const go = path.join(folder, 'go');
    const command = run('exec', 'web1', '--', `echo begun; while [ ! -e ${go} ]; do sleep 0.1; done; echo done`);
    await eventually('the first line', () => (command.out === 'begun\n' ? true : undefined));
    writeFileSync(go, '');
    expect(await command.ended).toBe(0);
    expect(command.out).toBe('begun\ndone\n');
  });

  test('runs a script, by its interpreter, where it is told to, for as long as it may', async () => {
    const script = flotilla(
      server.connection,
      ['exec', 'web1', '--file', '-', '--shell', 'bash', '--directory', '/usr/lib'],
      'words=(one two)\necho "${words[1]} in $PWD"\n',
    );
    expect(await script.ended).toBe(0);
    expect(script.out).toBe('two in /usr/lib\n');
    expect(await ended('exec', 'web1', '--timeout', '5', '--', 'sleep 60')).toMatchObject({
      code: 124,
      error: expect.stringContaining('ExecutionTimedOut') as string,
    });
  });

  test('runs documents with parameters', async () => {
    const Content = JSON.stringify({
      schemaVersion: '2.2',
      parameters: { who: { type: 'StringList' } },
      mainSteps: ['first', 'second'].map((name) => ({
        name,
        action: 'aws:runShellScript',
        inputs: { runCommand: [`echo '${name} {{ who }}'`] },
      })),
    });
    await client.send(new CreateDocumentCommand({ Name: 'Greet', DocumentType: 'Command', Content }));
    expect(await ended('exec', 'web1', '--document', 'Greet', '-p', 'who=a', '-p', 'who=b')).toMatchObject({
      code: 0,
      out: 'first ["a","b"]\nsecond ["a","b"]\n',
    });
  });

  test('what cannot be sent is refused in words', async () => {
    expect(await ended('exec', 'nobody', '--', 'true')).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^flotilla: no node is called nobody/) as string,
    });
    expect(await ended('exec', 'web1')).toMatchObject({
      code: 1,
      error: expect.stringMatching(/what is to run\?/) as string,
    });
    expect(await ended('exec', 'web1', '--document', 'Missing')).toMatchObject({
      code: 254,
      error: expect.stringMatching(/InvalidDocument/) as string,
    });
    expect(await ended('exec', 'web1', 'tag:role=db', '--', 'true')).toMatchObject({
      code: 1,
      error: expect.stringMatching(/not both/) as string,
    });
  });
});

describe('exec on many', () => {
  test('says of each line whose it is, of each node how it ended, and whether all went well', async () => {
    const all = await ended('exec', '*', '--', 'echo "I am $AWS_SSM_INSTANCE_ID"; echo more');
    expect(all.code).toBe(0);
    expect(all.out.split('\n').filter((line) => line !== '')).toHaveLength(6);
    for (const { nodeId } of agents) expect(all.out).toMatch(new RegExp(`^\\S.* \\| I am ${nodeId}$`, 'm'));
    for (const { nodeId } of agents) expect(all.error).toMatch(new RegExp(` ${nodeId} +Success +0$`, 'm'));
    expect(all.error).toContain('3 nodes: 3 Success');

    const some = await ended(
      'exec',
      'tag:role=web',
      '--max-errors',
      '100%',
      '--',
      `test $AWS_SSM_INSTANCE_ID = ${agents[0]!.nodeId} || { echo wrong >&2; exit 4; }`,
    );
    expect(some.code).toBe(1);
    expect(some.error).toMatch(new RegExp(`${agents[1]!.nodeId} +Failed +4 +failed to run commands: exit status 4`));
    expect(some.error).toContain('2 nodes: 1 Success, 1 Failed');
  });

  test('a failure stops it, as MaxErrors says', async () => {
    const { code, error } = await ended('exec', '*', '--concurrency', '1', '--', 'exit 1');
    expect(code).toBe(1);
    expect(error).toMatch(/3 nodes: (2 Terminated, 1 Failed)/);
  });

  test('nobody at all', async () => {
    expect(await ended('exec', 'tag:role=nobody', '--', 'true')).toMatchObject({
      code: 125,
      error: 'flotilla: no node is meant\n',
    });
  });
});

describe('a command on its way', () => {
  test('is cancelled on its nodes when whoever waits is told to stop', async () => {
    const mark = path.join(folder, 'went-on');
    const command = run('exec', 'web1', '--', `echo begun; sleep 3600; touch ${mark}`);
    await eventually('the first line', () => (command.out === 'begun\n' ? true : undefined));
    command.signal('SIGINT');
    expect(await command.ended).toBe(130);
    expect(command.error).toMatch(/^Cancelling; /);
    expect(command.error).toMatch(/flotilla: Cancelled/);
    expect(existsSync(mark)).toBe(false);
  });

  test('is left running, and followed later', async () => {
    const { code, out } = await ended('exec', '--detach', 'web1', '--', 'echo one; sleep 2; echo two; exit 5');
    expect(code).toBe(0);
    const id = out.trim();
    expect(await ended('exec', '--attach', id)).toMatchObject({ code: 5, out: 'one\ntwo\n' });
    // And when it is long over.
    expect(await ended('exec', '--attach', id)).toMatchObject({ code: 5, out: 'one\ntwo\n' });
  });

  test('is followed through a kill -9 of Flotilla', async () => {
    const { port } = new URL(server.connection.endpoint);
    const go = path.join(folder, 'go-after-kill');
    const command = run(
      'exec',
      'web1',
      '--',
      `echo begun; while [ ! -e ${go} ]; do sleep 0.1; done; echo done; exit 3`,
    );
    await eventually('the first line', () => (command.out === 'begun\n' ? true : undefined));
    await server.kill('SIGKILL');
    server = await startServer(path.join(folder, 'data'), Number(port), path.join(folder, 'events'));
    writeFileSync(go, '');
    expect(await command.ended).toBe(3);
    expect(command.out).toBe('begun\ndone\n');
  });
});

describe('output', () => {
  const megabytes = 40;
  const script = `head -c ${megabytes}000000 /dev/zero | tr '\\0' 'x' | fold -w 99; printf '\\377\\000end'; echo error >&2`;
  const expected = (): Buffer => {
    const line = `${'x'.repeat(99)}\n`;
    const length = megabytes * 1_000_000;
    const text = line.repeat(Math.floor(length / 99)) + 'x'.repeat(length % 99);
    return Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x00]), Buffer.from('end')]);
  };
  const digest = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');

  test('is kept whole whatever its size, shown by exec to its end, and read again byte by byte', async () => {
    const { out: id } = await ended('exec', '--detach', 'web1', '--', script);
    const commandId = id.trim();
    const attached = await ended('exec', '--attach', commandId);
    expect(attached.code).toBe(0);
    // A terminal shows text: what is none becomes the replacement character.
    expect(digest(attached.out)).toBe(digest(expected().toString()));
    const copy = path.join(folder, 'copy');
    const { spawnSync } = await import('node:child_process');
    const environment = {
      ...process.env,
      FLOTILLA_ENDPOINT: server.connection.endpoint,
      FLOTILLA_ACCESS_KEY_ID: server.connection.accessKeyId,
      FLOTILLA_SECRET_ACCESS_KEY: server.connection.secretAccessKey,
    };
    spawnSync(
      'sh',
      [
        '-c',
        `${process.execPath} --disable-warning=ExperimentalWarning cli/main.ts output ${commandId} web1 --stream stdout > ${copy}`,
      ],
      { cwd: path.resolve(import.meta.dirname, '../..'), env: environment },
    );
    expect(digest(readFileSync(copy))).toBe(digest(expected()));
    // As AWS shows it, nothing is said of a bucket that nobody named.
    const invocation = await client.send(
      new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: agents[0]!.nodeId }),
    );
    expect(invocation.StandardOutputUrl).toBe('');
    expect(invocation.StandardOutputContent).toHaveLength(24_000);
  });

  test('what is small needs no file; what there is not is said so', async () => {
    const commandId = (await ended('exec', '--detach', 'web1', '--', 'echo small; echo error >&2')).out.trim();
    await ended('exec', '--attach', commandId);
    expect(await ended('output', commandId, 'web1')).toEqual({ code: 0, out: 'small\n', error: 'error\n' });
    expect(await ended('output', commandId, 'web2')).toMatchObject({
      code: 254,
      error: expect.stringMatching(/InvocationDoesNotExist/) as string,
    });
    expect(await ended('output', commandId, 'web1', 'nostep')).toMatchObject({
      code: 1,
      error: expect.stringMatching(/there is of: aws:runShellScript/) as string,
    });
  });

  test('whoever may read an invocation may read its output; a viewer runs nothing', async () => {
    const keyOf = async (role: string): Promise<Client> => {
      const key = await new Client(server.connection).call<{ AccessKeyId: string; SecretAccessKey: string }>(
        'POST',
        '/x/keys',
        { Name: role, Role: role },
      );
      return new Client({ ...server.connection, accessKeyId: key.AccessKeyId, secretAccessKey: key.SecretAccessKey });
    };
    const commandId = (await ended('exec', '--detach', 'web1', '--', 'echo seen')).out.trim();
    await ended('exec', '--attach', commandId);
    const viewer = await keyOf('viewer');
    const base = `/x/commands/${commandId}/nodes/${agents[0]!.nodeId}/output`;
    expect(await viewer.call('GET', base)).toEqual({
      Steps: [
        {
          Name: 'aws:runShellScript',
          State: 'Success',
          ResponseCode: 0,
          StandardOutput: { Bytes: 5, Whole: true },
          StandardError: { Bytes: 0, Whole: true },
        },
      ],
    });
    expect(await viewer.call('POST', `/x/commands/${commandId}/watch`, {})).toMatchObject({
      Command: { Done: true },
      Invocations: [{ Status: 'Success' }],
    });
    expect(
      await viewer.call('POST', '/x/commands/preview', {
        DocumentName: 'AWS-RunShellScript',
        // Named by its id it would be refused: its agent runs on Flotilla's own machine.
        Targets: [{ Key: 'InstanceIds', Values: [agents[0]!.nodeId] }],
        Parameters: { commands: ['true'] },
      }),
    ).toMatchObject({ TargetCount: 1 });
    await expect(
      viewer.ssm('SendCommand', {
        DocumentName: 'AWS-RunShellScript',
        InstanceIds: [agents[0]!.nodeId],
        Parameters: { commands: ['true'] },
      }),
    ).rejects.toThrow(/AccessDenied/);
    await expect(viewer.call('POST', '/x/backup')).rejects.toThrow(/AccessDenied/);
  });
});

describe('preview', () => {
  test('says who, how and what, and nothing of it happens', async () => {
    const before = await commandsSent();
    const { code, out } = await ended(
      'preview',
      '*',
      '--concurrency',
      '2',
      '--max-errors',
      '50%',
      '--timeout',
      '30',
      '--',
      'echo $((1 + 1)) | cat',
    );
    expect(code).toBe(0);
    expect(out).toContain('3 nodes:');
    for (const { nodeId } of agents) expect(out).toContain(nodeId);
    expect(out).toContain(
      'It begins on 1. Each time all that were told have taken it, more are told: 1, until 2 are under way.',
    );
    expect(out).toContain('It stops when more than 1 have failed (50%)');
    expect(out).toContain('   | echo $((1 + 1)) | cat');
    expect(await commandsSent()).toBe(before);
  });

  test('is refused as the command would be, and checked by its model', async () => {
    expect(await ended('preview', 'web1', '--document', 'Missing')).toMatchObject({
      code: 254,
      error: expect.stringMatching(/InvalidDocument/) as string,
    });
    expect(await ended('preview', 'web1', '--concurrency', 'many', '--', 'true')).toMatchObject({
      code: 254,
      error: expect.stringMatching(/ValidationException/) as string,
    });
    expect(await ended('preview', 'web1', '--document', 'AWS-RunShellScript', '-p', 'nonsense=1')).toMatchObject({
      code: 254,
      error: expect.stringMatching(/InvalidParameters/) as string,
    });
  });

  test('tells the targets and the text that the command then has', async () => {
    const words = ['tag:role=web', '--', 'echo "$AWS_SSM_INSTANCE_ID"'];
    const previewed = JSON.parse((await ended('preview', '--json', ...words)).out) as Preview;
    const ran = await ended('exec', ...words);
    expect(ran.code).toBe(0);
    expect(previewed.Nodes.map(({ InstanceId }) => InstanceId).sort()).toEqual(
      agents
        .slice(0, 2)
        .map(({ nodeId }) => nodeId)
        .sort(),
    );
    for (const { InstanceId } of previewed.Nodes) expect(ran.out).toContain(InstanceId);
    expect(previewed.Steps[0]!.Inputs[0]).toMatchObject({ runCommand: ['echo "$AWS_SSM_INSTANCE_ID"'] });
  });
});

test('waits follow a command to its end', async () => {
  const watcher = new Client(server.connection);
  const go = path.join(folder, 'go-watched');
  const waits = `while [ ! -e ${go} ]; do sleep 0.1; done`;
  const commandId = (await ended('exec', '--detach', 'web1', '--', waits)).out.trim();
  type Answer = { Command: { Mark: string; Done: boolean }; Invocations: { InstanceId: string; Mark: string }[] };
  let answer = await watcher.call<Answer>('POST', `/x/commands/${commandId}/watch`, {});
  let polls = 0;
  while (!answer.Command.Done) {
    if (polls === 1) writeFileSync(go, '');
    const Seen = Object.fromEntries(answer.Invocations.map(({ InstanceId, Mark }) => [InstanceId, Mark]));
    answer = await watcher.call<Answer>('POST', `/x/commands/${commandId}/watch`, {
      Seen,
      SeenCommand: answer.Command.Mark,
      WaitSeconds: 20,
    });
    polls++;
  }
  expect(polls).toBeLessThan(10);
  await expect(watcher.call('POST', '/x/commands/00000000-0000-0000-0000-000000000000/watch', {})).rejects.toThrow(
    ServiceError,
  );
});
