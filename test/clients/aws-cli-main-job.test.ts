/** What `npm start` prints works when it is pasted: the AWS CLI against this machine. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/flotilla-process.ts';
import { temporaryFolder } from '../support/state.ts';

const program = path.resolve(import.meta.dirname, '../../local/start.js');
const absent = spawnSync('aws', ['--version']).status !== 0;

describe.skipIf(absent)(`the AWS CLI${absent ? ' (skipped: it is not installed)' : ''}`, () => {
  const { folder, remove } = temporaryFolder();
  let child: ChildProcess;
  let output = '';
  let lines: string[] = [];

  beforeAll(async () => {
    child = spawn(process.execPath, [program, '--port', '0', '--data', path.join(folder, 'data')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await eventually('the summary', () => (output.includes('Ctrl-C stops it') ? true : undefined), 100_000);
    lines = output.split('\n').flatMap((line) => /^ {4}((?:export|aws) .*)$/.exec(line)?.[1] ?? []);
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    await ended;
    remove();
  });

  /** Pastes the exports and then a line, as a person does into a shell of their own. */
  function paste(line: string): unknown {
    const text = execFileSync('bash', ['-c', `${lines[0]}\n${line}`], {
      env: { PATH: process.env.PATH, HOME: folder, AWS_PAGER: '', AWS_EC2_METADATA_DISABLED: 'true' },
      encoding: 'utf8',
    });
    return text.trim() === '' ? undefined : JSON.parse(text);
  }

  test('one line of exports and three commands are printed', () => {
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^export AWS_ENDPOINT_URL=/);
  });

  test('describe-instance-information shows this machine', () => {
    expect(paste(lines[1]!)).toMatchObject({
      InstanceInformationList: [{ PingStatus: 'Online', PlatformType: 'Linux', ResourceType: 'ManagedInstance' }],
    });
  });

  test('send-command runs here, and the wait and the result are AWS’s own', async () => {
    const { Command } = paste(lines[2]!) as { Command: { CommandId: string; InstanceIds: string[] } };
    const which = `--command-id ${Command.CommandId} --instance-id ${Command.InstanceIds[0]}`;
    await eventually('the command', () =>
      (paste(`aws ssm get-command-invocation ${which}`) as { Status: string }).Status === 'Success' ? true : undefined,
    );
    expect(paste(`aws ssm wait command-executed ${which}`)).toBeUndefined();
    expect(paste(`aws ssm get-command-invocation ${which}`)).toMatchObject({
      ResponseCode: 0,
      StandardOutputContent: expect.stringMatching(/^Linux .*\n.*load average/) as string,
    });
  });

  test('describe-instance-patches lists what the summary counted', () => {
    const scanned = /Patches +(none|(\d+)) missing/.exec(output);
    // Without its repositories there is nothing to list, and the summary says so.
    if (scanned === null) return expect(output).toMatch(/repositories could not be reached/);
    const { Patches } = paste(`${lines[3]} --max-items 5000`) as { Patches: unknown[] };
    expect(Patches).toHaveLength(Number(scanned[2] ?? 0));
  });

  test('the report is there to be fetched', () => {
    const report = /s3:\/\/\S+\.csv/.exec(output)?.[0];
    if (report === undefined) return expect(output).toMatch(/repositories could not be reached/);
    const csv = execFileSync('bash', ['-c', `${lines[0]}\naws s3 cp ${report} -`], {
      env: { PATH: process.env.PATH, HOME: folder },
      encoding: 'utf8',
    });
    expect(csv).toMatch(/^"?Index"?,"?Instance ID"?/);
  });
});
