/** Structured logging: each entry is one line of JSON. Secrets and parameter values are never logged. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A log that adds these fields to each entry. */
  with(fields: Readonly<Record<string, unknown>>): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Writes JSON lines. An Error in a field is written as its name, message, code, stack, cause and errors. It never
 * throws.
 */
export function jsonLog(
  write: (line: string) => void,
  least: LogLevel = 'info',
  fields: Readonly<Record<string, unknown>> = {},
): Log {
  const at = (level: LogLevel) =>
    levels.indexOf(level) < levels.indexOf(least)
      ? () => undefined
      : (message: string, more: Readonly<Record<string, unknown>> = {}): void =>
          write(`${line({ time: new Date().toISOString(), level, message, ...fields, ...more })}\n`);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => jsonLog(write, least, { ...fields, ...more }),
  };
}

/** Most entries report a failure. An entry that cannot be written as JSON must not cause another one. */
function line(entry: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(entry, asJson);
  } catch (reason) {
    const { time, level, message } = entry;
    return JSON.stringify({ time, level, message, unwritable: String(reason) });
  }
}

function asJson(_member: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause, code, errors } = value as Error & {
    readonly code?: unknown;
    readonly errors?: unknown;
  };
  return { name, message, code, stack, cause, errors };
}

/** Logs nothing. */
export const silentLog: Log = jsonLog(() => undefined, 'silent');
