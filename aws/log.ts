/** The Log port on Powertools' logger. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../core/log.ts';

type Fields = Readonly<Record<string, unknown>>;

export function powertoolsLog(logger: Logger): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Fields = {}) =>
      logger[level](message, { ...fields });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => {
      const child = logger.createChild();
      child.appendPersistentKeys({ ...fields });
      return powertoolsLog(child);
    },
  };
}
