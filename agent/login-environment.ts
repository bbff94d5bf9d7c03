/**
 * The environment of a command's programs: that of a login of the agent's user. The agent's own environment is not
 * passed on, because it may hold secrets and a PATH that is not the machine's.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** The PATH of a login on Debian, Fedora and others where nothing is set. */
const paths = {
  root: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  user: '/usr/local/bin:/usr/bin:/bin',
} as const;
/** systemd's default. */
const defaultLanguage = 'C.UTF-8';

/** The user, from the system's user database. */
export interface Login {
  readonly uid: number;
  readonly username: string;
  readonly homedir: string;
  readonly shell: string | null;
}

export type LoginEnvironment = Readonly<Record<'HOME' | 'LANG' | 'LOGNAME' | 'PATH' | 'SHELL' | 'USER', string>>;

/**
 * PATH, HOME, LANG, USER, LOGNAME and SHELL; nothing else.
 * @param etc the folder of the machine's settings
 * @example spawn('sh', ['-c', script], { env: { ...loginEnvironment(), SSM_COMMAND_ID: commandId } })
 */
export function loginEnvironment(login: Login = currentUser(), etc = '/etc'): LoginEnvironment {
  const environment = settingsOf(`${etc}/environment`);
  const isRoot = login.uid === 0;
  const byDefault = loginDefinitions(`${etc}/login.defs`)[isRoot ? 'ENV_SUPATH' : 'ENV_PATH'];
  return {
    HOME: login.homedir,
    LANG:
      settingsOf(`${etc}/default/locale`).LANG ??
      settingsOf(`${etc}/locale.conf`).LANG ??
      environment.LANG ??
      defaultLanguage,
    LOGNAME: login.username,
    PATH: environment.PATH ?? byDefault?.replace(/^PATH=/, '') ?? paths[isRoot ? 'root' : 'user'],
    SHELL: login.shell ?? '/bin/sh',
    USER: login.username,
  };
}

/** A container may run as a user that its database does not have. */
function currentUser(): Login {
  try {
    return userInfo();
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { uid, username: String(uid), homedir: '/', shell: null };
  }
}

/** Lines of `NAME="value"`, as pam_env reads them; empty where there is no such file. */
function settingsOf(file: string): Readonly<Partial<Record<string, string>>> {
  return readPairs(file, /^\s*(?:export\s+)?(\w+)=(["']?)(.*?)\2\s*$/, 3);
}

/** Lines of `NAME value`. */
function loginDefinitions(file: string): Readonly<Partial<Record<string, string>>> {
  return readPairs(file, /^\s*(ENV_\w+)\s+"?(.*?)"?\s*$/, 2);
}

function readPairs(file: string, form: RegExp, value: number): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const match = form.exec(line);
      return match?.[value] ? [[match[1]!, match[value]]] : [];
    }),
  );
}
