/** The Log port on Powertools' logger. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../core/log.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * No field may be called `message`, `level`, `service` or `timestamp`: Powertools drops it.
 * @param count counts what an entry names in its field `metric`, as a metric of that name
 */
export function powertoolsLog(logger: Logger, count: (metric: string) => void = () => undefined): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Fields = {}) => {
      logger[level](message, { ...fields });
      if (typeof fields['metric'] === 'string') count(fields['metric']);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    with: (fields) => {
      const child = logger.createChild();
      child.appendPersistentKeys({ ...fields });
      return powertoolsLog(child, count);
    },
  };
}
