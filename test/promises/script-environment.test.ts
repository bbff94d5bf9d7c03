/** Scripts start with the environment of a login, whatever the agent was started with. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginEnvironment } from '../../agent/login-environment.ts';
import { openManagedMachine, type ManagedMachine } from '../support/managed-machine.ts';

let machine: ManagedMachine;
beforeAll(async () => {
  machine = await openManagedMachine((folder) => {
    const ours = path.join(folder, 'bin');
    mkdirSync(ours);
    writeFileSync(path.join(ours, 'whose-path'), '#!/bin/sh\necho of the starter\n');
    chmodSync(path.join(ours, 'whose-path'), 0o755);
    return {
      PATH: `${ours}:${process.env.PATH}`,
      HOME: folder,
      LANG: 'xx_XX',
      AWS_SECRET_ACCESS_KEY: 'of the starter',
      npm_config_cache: '/of/the/starter',
      NODE_ENV: 'production',
    };
  });
});
afterAll(() => machine.close());

async function output(...commands: string[]): Promise<string> {
  const { Status, StandardOutputContent } = await machine.run('AWS-RunShellScript', { commands });
  expect(Status).toBe('Success');
  return StandardOutputContent!;
}

test('PATH, HOME and LANG of a login, what says where it runs, and nothing else', async () => {
  const variables = Object.fromEntries(
    (await output('env -0 | tr "\\n\\0" " \\n"'))
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  // The shell's own.
  for (const name of ['PWD', 'OLDPWD', 'SHLVL', '_']) delete variables[name];
  expect(variables).toEqual({
    ...loginEnvironment(),
    AWS_SSM_INSTANCE_ID: machine.agent.nodeId,
    AWS_SSM_REGION_NAME: 'us-east-1',
    AWS_SSM_PLATFORM_NAME: expect.any(String) as string,
    AWS_SSM_PLATFORM_VERSION: expect.any(String) as string,
    SSM_COMMAND_ID: expect.any(String) as string,
  });
});

test('programs of whoever started the agent are not found', async () => {
  expect(await output('command -v whose-path || echo none')).toBe('none\n');
});
