/** The agent as a systemd unit. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from '../core/replace-file.ts';

const unitFile = '/etc/systemd/system/flotilla-agent.service';

/** The unit's text. @param command the agent's own command line */
export function unit(command: readonly string[]): string {
  return `[Unit]
Description=Flotilla node agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${command.map(quoted).join(' ')}
Restart=always
RestartSec=5
# Scripts of commands live in groups of their own: stopping the agent ends them too.
KillMode=control-group
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
`;
}

/** systemd has its own rules for `%`, `$` and quotes. */
function quoted(word: string): string {
  const escaped = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@+=:,./-]+$/.test(word) ? word : `"${escaped}"`;
}

/** Writes the unit, enables and starts it. @throws Error without root or systemd */
export function installService(stateFolder: string): void {
  // The bundle, or agent/main.js in the sources.
  const program = path.resolve(process.argv[1] ?? '');
  replaceFile(unitFile, unit([process.execPath, program, 'run', '--service', '--state', stateFolder]), 0o644);
  execFileSync('systemctl', ['daemon-reload'], { stdio: 'inherit' });
  execFileSync('systemctl', ['enable', '--now', 'flotilla-agent.service'], { stdio: 'inherit' });
}

export function uninstallService(): void {
  execFileSync('systemctl', ['disable', '--now', 'flotilla-agent.service'], { stdio: 'inherit' });
  rmSync(unitFile, { force: true });
  execFileSync('systemctl', ['daemon-reload'], { stdio: 'inherit' });
}
