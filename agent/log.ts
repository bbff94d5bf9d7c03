/** The agent's log: JSON lines on stderr. */
import { jsonLog, type Log, type LogLevel } from '../core/log.ts';

export function stderrLog(least: LogLevel): Log {
  return jsonLog((line) => process.stderr.write(line), least, { agent: 'flotilla-agent' });
}
