/** aws:runShellScript and aws:runPowerShellScript. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isObject } from '../../core/documents/document.ts';
import { loginEnvironment } from '../login-environment.ts';
import {
  failed,
  input,
  linesInput,
  textInput,
  type Inputs,
  type Plugin,
  type PluginContext,
  type PluginResult,
} from '../plugin.ts';
import { exitWithFailure, statusOfExit } from '../result.ts';
import { runScript } from '../script.ts';

/** Seconds. As in amazon-ssm-agent, a value outside these bounds is replaced by the default without a message. */
const timeouts = { least: 5, most: 172_800, default: 3_600 };

interface Interpreter {
  readonly script: string;
  readonly command: string;
  args(file: string): readonly string[];
}

/** A first line with `#!` works: the shell executes the file, and the system reads that line. */
const shell: Interpreter = { script: '_script.sh', command: 'sh', args: (file) => ['-c', '"$0"', file] };
const powerShell: Interpreter = {
  script: '_script.ps1',
  command: 'pwsh',
  args: (file) => ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Unrestricted', '-File', file],
};

export const runShellScript: Plugin = (inputs, context) => runWith(shell, inputs, context);

export const runPowerShellScript: Plugin = async (inputs, context) => {
  if (!isInstalled(powerShell.command)) return failed('PowerShell (pwsh) is not installed on this node.');
  return runWith(powerShell, inputs, context);
};

async function runWith(interpreter: Interpreter, inputs: Inputs, context: PluginContext): Promise<PluginResult> {
  const file = path.join(context.folder, interpreter.script);
  writeFileSync(file, `${linesInput(inputs, 'runCommand').join('\n')}\n`, { mode: 0o700 });
  const asked = textInput(inputs, 'workingDirectory');
  const workingDirectory = path.isAbsolute(asked) ? asked : path.join(context.downloads, asked);
  if (!path.isAbsolute(asked)) mkdirSync(workingDirectory, { recursive: true });
  else if (!existsSync(workingDirectory)) return failed(`The working directory ${workingDirectory} does not exist.`);

  const timeout = timeoutOf(textInput(inputs, 'timeoutSeconds'));
  const end = await runScript({
    command: interpreter.command,
    args: interpreter.args(file),
    workingDirectory,
    environment: { ...loginEnvironment(), ...environmentOf(inputs, context) },
    timeout: timeout * 1000,
    stdoutFile: context.stdoutFile,
    stderrFile: context.stderrFile,
    signal: context.signal,
    onStart: context.onProcess,
  });
  switch (end.reason) {
    case 'not started':
      return failed(`The script could not be started: ${end.error}`);
    case 'timed out':
      return { status: 'TimedOut', code: end.code, message: `The script was stopped after ${timeout} seconds.` };
    case 'cancelled':
      return { status: 'Cancelled', code: end.code, message: 'The script was cancelled.' };
    case 'exited': {
      const status = statusOfExit(end.code);
      // 169 is the script's own decision, not a failed command.
      const message =
        status === 'Failed' && end.code !== exitWithFailure
          ? `failed to run commands: exit status ${end.code}`
          : undefined;
      return { status, code: end.code, message };
    }
  }
}

function timeoutOf(text: string): number {
  const seconds = Number(text);
  return text !== '' && Number.isInteger(seconds) && seconds >= timeouts.least && seconds <= timeouts.most
    ? seconds
    : timeouts.default;
}

/**
 * The environment of scripts besides a login's variables: where they run, the step's own variables, and parameters with
 * interpolationType ENV_VAR.
 */
function environmentOf(inputs: Inputs, context: PluginContext): Record<string, string> {
  const own = input(inputs, 'environment');
  const variables: Record<string, string> = {
    AWS_SSM_INSTANCE_ID: context.service.registration.nodeId,
    AWS_SSM_REGION_NAME: context.service.registration.region,
    AWS_SSM_PLATFORM_NAME: context.platform.platformName,
    AWS_SSM_PLATFORM_VERSION: context.platform.platformVersion,
    SSM_COMMAND_ID: context.commandId,
  };
  for (const [name, definition] of Object.entries(context.definitions)) {
    const value = Object.hasOwn(context.parameters, name) ? context.parameters[name] : undefined;
    if (definition.interpolationType === 'ENV_VAR' && value !== undefined)
      variables[`SSM_${name}`] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  if (isObject(own))
    for (const [name, value] of Object.entries(own))
      variables[name] = typeof value === 'string' ? value : JSON.stringify(value);
  return variables;
}

function isInstalled(command: string): boolean {
  return loginEnvironment()
    .PATH.split(':')
    .some((folder) => folder !== '' && existsSync(path.join(folder, command)));
}
