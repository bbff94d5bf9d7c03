/** Documents run with real shells: exit codes, modifiers, time-outs, cancels, process groups. */
import { mkdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDocument, type Document } from '../../core/documents/document.ts';
import { plugins } from '../../agent/plugins/index.ts';
import { describePlatform } from '../../agent/platform.ts';
import type { StepResult } from '../../agent/result.ts';
import { runSteps } from '../../agent/run-steps.ts';
import type { Parameters } from '../../core/documents/substitution.ts';
import { silentLog } from '../../core/log.ts';
import { gone, isAlive, pidIn } from '../support/processes.ts';
import { temporaryFolder } from '../support/state.ts';

let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = temporaryFolder());
});
afterEach(() => remove());

/** A step as in the document, but for `run`: a script of one line. */
interface Step {
  readonly name: string;
  readonly run?: string;
  readonly action?: string;
  readonly precondition?: object;
  readonly inputs?: object;
}

async function run(
  steps: readonly Step[],
  options: { parameters?: Parameters; definitions?: object; signal?: AbortSignal; schemaVersion?: string } = {},
): Promise<StepResult[]> {
  const { schemaVersion = '2.2' } = options;
  const document = readDocument({
    schemaVersion,
    mainSteps: steps.map(({ name, run: line, action = 'aws:runShellScript', precondition, inputs = {} }) => ({
      name,
      action,
      ...(precondition === undefined ? {} : { precondition }),
      inputs: { ...(line === undefined ? {} : { runCommand: [line] }), ...inputs },
    })),
  });
  return runDocument(document, options);
}

function runDocument(
  document: Document,
  options: { parameters?: Parameters; definitions?: object; signal?: AbortSignal } = {},
): Promise<StepResult[]> {
  mkdirSync(path.join(folder, 'downloads'), { recursive: true });
  return runSteps({
    steps: document.steps,
    schemaVersion: document.schemaVersion,
    plugins,
    onResult: async () => undefined,
    context: {
      service: { registration: { nodeId: 'mi-1', region: 'us-east-1' } } as never,
      platform: describePlatform(),
      log: silentLog,
      commandId: 'c',
      folder,
      downloads: path.join(folder, 'downloads'),
      parameters: options.parameters ?? {},
      definitions: (options.definitions ?? {}) as never,
      signal: options.signal ?? new AbortController().signal,
      depth: 0,
      agent: {} as never,
    },
  });
}

const summary = (results: readonly StepResult[]) => results.map((result) => `${result.status} ${result.code}`);

describe('steps', () => {
  test('a script says what it says, on both streams', async () => {
    const [result] = await run([{ name: 'one', run: 'echo out; echo err >&2; echo $AWS_SSM_INSTANCE_ID' }]);
    expect(result).toMatchObject({ status: 'Success', code: 0, standardOutput: 'out\nmi-1\n', standardError: 'err\n' });
  });

  test('a failed step does not stop those after it', async () => {
    const results = await run([
      { name: 'one', run: 'exit 3' },
      { name: 'two', run: 'true' },
    ]);
    expect(summary(results)).toEqual(['Failed 3', 'Success 0']);
    expect(results[0]!.standardError).toBe('failed to run commands: exit status 3');
  });

  test('168 and 169 end the document, well and badly', async () => {
    expect(
      summary(
        await run([
          { name: 'one', run: 'exit 168' },
          { name: 'two', run: 'true' },
        ]),
      ),
    ).toEqual(['Success 168', 'Skipped 0']);
    expect(
      summary(
        await run([
          { name: 'three', run: 'exit 169' },
          { name: 'four', run: 'true' },
        ]),
      ),
    ).toEqual(['Failed 169', 'Skipped 0']);
  });

  test('onFailure exit leaves, and finallyStep runs all the same', async () => {
    const results = await run([
      { name: 'one', run: 'exit 1', inputs: { onFailure: 'exit' } },
      { name: 'two', run: 'true' },
      { name: 'last', run: 'echo cleaned', inputs: { finallyStep: true } },
    ]);
    expect(summary(results)).toEqual(['Failed 1', 'Skipped 0', 'Success 0']);
  });

  test('onSuccess exit leaves the rest out', async () => {
    expect(
      summary(
        await run([
          { name: 'one', run: 'true', inputs: { onSuccess: 'exit' } },
          { name: 'two', run: 'false' },
        ]),
      ),
    ).toEqual(['Success 0', 'Skipped 0']);
  });

  test('onFailure successAndExit: the failure counts as exit code 168, and as success of the whole', async () => {
    expect(
      summary(
        await run([
          { name: 'one', run: 'exit 1', inputs: { onFailure: 'successAndExit' } },
          { name: 'two', run: 'true' },
        ]),
      ),
    ).toEqual(['Success 168', 'Skipped 0']);
  });

  test('a step that was skipped ends nothing, whatever it says of failures', async () => {
    const windows = { StringEquals: ['platformType', 'Windows'] };
    expect(
      summary(
        await run([
          { name: 'one', run: 'true', precondition: windows, inputs: { onFailure: 'exit', onSuccess: 'exit' } },
          { name: 'two', run: 'true' },
        ]),
      ),
    ).toEqual(['Skipped 0', 'Success 0']);
  });

  test('a plugin of Windows is left out of a document for all platforms, and fails an older one', async () => {
    const step = { name: 'one', action: 'aws:psModule' };
    expect(summary(await run([step]))).toEqual(['Skipped 0']);
    expect(summary(await run([step], { schemaVersion: '2.0' }))).toEqual(['Failed 1']);
    expect(
      summary(
        await run([{ name: 'two', run: 'true', precondition: { StringEquals: ['platformType', 'Linux'] } }], {
          schemaVersion: '2.0',
        }),
      ),
    ).toEqual(['Failed 1']);
  });

  test('schema 1.2: all entries of a plugin run, and the worst decides', async () => {
    const document = readDocument({
      schemaVersion: '1.2',
      runtimeConfig: {
        'aws:runShellScript': { properties: [{ runCommand: ['echo a; exit 3'] }, { runCommand: ['echo b'] }] },
      },
    });
    const [result] = await runDocument(document);
    expect(result).toMatchObject({ status: 'Failed', code: 3, standardOutput: 'a\nb\n' });
  });

  test('a plugin that cannot do its work says why in its error output', async () => {
    const [result] = await run([{ name: 'one', action: 'aws:softwareInventory' }]);
    expect(result).toMatchObject({
      status: 'Failed',
      code: 1,
      standardError: expect.stringMatching(/ssm-associate/) as string,
    });
  });

  test('a precondition of another platform skips, a malformed one fails, an unknown plugin fails', async () => {
    const results = await run([
      { name: 'windows', run: 'false', precondition: { StringEquals: ['platformType', 'Windows'] } },
      { name: 'odd', run: 'true', precondition: { Bogus: [] } },
      { name: 'unknown', action: 'aws:teleport' },
    ]);
    expect(summary(results)).toEqual(['Skipped 0', 'Failed 1', 'Failed 1']);
    expect(results[2]!.message).toMatch(/no plugin aws:teleport/);
  });

  test('a parameter of interpolationType ENV_VAR never becomes text of the script', async () => {
    const [result] = await run([{ name: 'one', run: 'echo "{{ name }}"' }], {
      parameters: { name: '"; echo injected; "' },
      definitions: { name: { interpolationType: 'ENV_VAR' } },
    });
    expect(result!.standardOutput).toBe('"; echo injected; "\n');
  });

  test('inputs that are no script get the value itself', async () => {
    const [result] = await run(
      [{ name: 'one', run: 'pwd; echo {{ where }}', inputs: { workingDirectory: '{{ where }}' } }],
      { parameters: { where: folder }, definitions: { where: { interpolationType: 'ENV_VAR' } } },
    );
    expect(result!.standardOutput).toBe(`${folder}\n${folder}\n`);
  });

  test('a working directory that is not there fails, a relative one is made', async () => {
    expect(
      (await run([{ name: 'one', run: 'true', inputs: { workingDirectory: '/nowhere/at/all' } }]))[0],
    ).toMatchObject({ status: 'Failed', message: expect.stringMatching(/does not exist/) as string });
    expect((await run([{ name: 'two', run: 'pwd', inputs: { workingDirectory: 'sub' } }]))[0]!.standardOutput).toMatch(
      /downloads\/sub\n$/,
    );
  });
});

describe('process groups', () => {
  test('a time-out kills the script and what it started', async () => {
    const child = path.join(folder, 'child');
    const [result] = await run([
      { name: 'slow', run: `sleep 3600 & echo $! > ${child}; wait`, inputs: { timeoutSeconds: '5' } },
    ]);
    expect(result).toMatchObject({ status: 'TimedOut', code: 137 });
    await gone(await pidIn(child));
  });

  test('a cancel kills the running step, and those after it never run', async () => {
    const controller = new AbortController();
    const marker = path.join(folder, 'second');
    const child = path.join(folder, 'child');
    const running = run(
      [
        { name: 'one', run: `echo begun; sleep 3600 & echo $! > ${child}; wait` },
        { name: 'two', run: `touch ${marker}` },
      ],
      { signal: controller.signal },
    );
    const pid = await pidIn(child);
    controller.abort();
    const results = await running;
    expect(summary(results)).toEqual(['Cancelled 137', 'Cancelled 1']);
    expect(results[0]!.standardOutput).toBe('begun\n');
    expect(existsSync(marker)).toBe(false);
    await gone(pid);
  });

  test('a child left in the background does not hold up the step', async () => {
    const child = path.join(folder, 'child');
    const [result] = await run([{ name: 'one', run: `sleep 3600 & echo $! > ${child}; echo done` }]);
    expect(result).toMatchObject({ status: 'Success', standardOutput: 'done\n' });
    const pid = await pidIn(child);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid);
  });
});
