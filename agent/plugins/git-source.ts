/** The sources Git and GitHub of aws:downloadContent, with the system's git. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loginEnvironment } from '../login-environment.ts';
import { fileAt } from './downloaded-file.ts';
import type { PluginContext } from '../plugin.ts';
import { readSecret } from '../store-parameters.ts';

interface Repository {
  readonly url: string;
  /** A file or folder in the repository; empty: all of it. */
  readonly path: string;
  /** `branch:main` or `commitID:…`; empty: the default branch. */
  readonly getOptions: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Source = Readonly<Record<string, unknown>>;

export async function fromGitHub(source: Source, destination: string, context: PluginContext): Promise<void> {
  const [owner, repository] = [text(source.owner), text(source.repository)];
  if (owner === '' || repository === '') throw new Error('owner and repository must be named');
  const token = await secret(text(source.tokenInfo), context);
  await fetchInto(
    destination,
    {
      url: `https://github.com/${owner}/${repository}.git`,
      path: text(source.path),
      getOptions: text(source.getOptions),
      environment: token === '' ? {} : basicAuthorization('x-access-token', token),
    },
    context,
  );
}

export async function fromGit(source: Source, destination: string, context: PluginContext): Promise<void> {
  const url = text(source.repository);
  if (url === '') throw new Error('repository must be named');
  const environment: Record<string, string> = {};
  const password = await secret(text(source.password), context);
  if (password !== '')
    Object.assign(environment, basicAuthorization(await secret(text(source.username), context), password));
  const key = await secret(text(source.privateSSHKey), context);
  const keyFile = path.join(context.folder, 'ssh-key');
  if (key !== '') writeFileSync(keyFile, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
  const unchecked = source.skipHostKeyChecking === true || source.skipHostKeyChecking === 'true';
  if (key !== '' || unchecked)
    environment.GIT_SSH_COMMAND = [
      'ssh',
      ...(key === '' ? [] : ['-i', `'${keyFile}'`, '-o IdentitiesOnly=yes']),
      ...(unchecked ? ['-o StrictHostKeyChecking=no'] : []),
      '-o BatchMode=yes',
    ].join(' ');
  try {
    await fetchInto(
      destination,
      { url, path: text(source.path), getOptions: text(source.getOptions), environment },
      context,
    );
  } finally {
    rmSync(keyFile, { force: true });
  }
}

async function fetchInto(destination: string, repository: Repository, context: PluginContext): Promise<void> {
  const folder = path.join(context.folder, 'repository');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const git = (...args: string[]): Promise<void> => run(args, folder, repository.environment, context.signal);
  try {
    await git('init', '--quiet');
    const [kind, value] = [
      repository.getOptions.split(':', 1)[0]!,
      repository.getOptions.slice(repository.getOptions.indexOf(':') + 1),
    ];
    if (
      repository.getOptions !== '' &&
      (!['branch', 'commitID'].includes(kind) || value === '' || value.startsWith('-'))
    )
      throw new Error(`the getOptions ${repository.getOptions} must be branch:NAME or commitID:HASH`);
    const wanted = repository.getOptions === '' ? 'HEAD' : kind === 'branch' ? `refs/heads/${value}` : value;
    try {
      await git('fetch', '--quiet', '--depth', '1', '--', repository.url, wanted);
      await git('checkout', '--quiet', 'FETCH_HEAD');
    } catch (error) {
      // Not every server gives out a commit by its hash alone.
      if (kind !== 'commitID' || context.signal.aborted) throw error;
      await git('fetch', '--quiet', '--', repository.url, '+refs/heads/*:refs/remotes/origin/*');
      await git('checkout', '--quiet', value);
    }
    rmSync(path.join(folder, '.git'), { recursive: true, force: true });
    const within = path.join(folder, path.normalize(`/${repository.path}`));
    const found = statSync(within, { throwIfNoEntry: false });
    if (found === undefined) throw new Error(`${repository.path} is not in ${repository.url}`);
    cpSync(within, found.isDirectory() ? destination : fileAt(destination, path.basename(within)), { recursive: true });
    if (found.isDirectory()) chmodSync(destination, 0o700);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A prompt would wait for ever; what the agent's own user has configured is not what the document says. */
function run(
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const env = {
    ...loginEnvironment(),
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'https:http:ssh:git:file',
    ...environment,
  };
  return new Promise((resolve, reject) => {
    execFile('git', [...args], { cwd, env, signal, maxBuffer: 1024 * 1024 }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        reject(new Error('git is not installed on this node'));
      else reject(new Error(stderr.trim().split('\n').at(-1) || error.message));
    });
  });
}

/** In the environment, not among the arguments, where every user of the machine could read it. */
function basicAuthorization(user: string, password: string): Record<string, string> {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  };
}

/** A value, or what Parameter Store has under `{{ssm-secure:name}}`. */
async function secret(value: string, context: PluginContext): Promise<string> {
  const name = /^\{\{\s*ssm-secure:([^}\s]+)\s*\}\}$/.exec(value)?.[1];
  return name === undefined ? value : readSecret(name, context.service);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
