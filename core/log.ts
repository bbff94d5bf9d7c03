/** Structured logging: one JSON line an entry. Secrets and parameter values never go in. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A log whose entries carry these fields too. */
  with(fields: Readonly<Record<string, unknown>>): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** Writes JSON lines. An `error` field that is an Error is written as its name, message, stack and cause. */
export function jsonLog(write: (line: string) => void, least: LogLevel = 'info', fields: Readonly<Record<string, unknown>> = {}): Log {
  const at = (level: LogLevel) =>
    levels.indexOf(level) < levels.indexOf(least)
      ? () => undefined
      : (message: string, more: Readonly<Record<string, unknown>> = {}): void =>
          write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields, ...more }, errorsAsObjects)}\n`);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => jsonLog(write, least, { ...fields, ...more }),
  };
}

function errorsAsObjects(_member: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: value.cause }) };
}

/** Says nothing. */
export const silentLog: Log = jsonLog(() => undefined, 'silent');
