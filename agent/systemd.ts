/** The agent as a systemd unit. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

/** systemd reads `%` and quotes in its own way. */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /[\s"\\]/.test(word) ? `"${escaped}"` : escaped;
}

/** Writes the unit, enables and starts it. */
export function installService(stateFolder: string): void {
  // The bundle is one file; from the sources it is the module that the process was started with.
  const program = process.argv[1] ?? fileURLToPath(import.meta.url);
  writeFileSync(unitFile, unit([process.execPath, program, 'run', '--service', '--state', stateFolder]), { mode: 0o644 });
  execFileSync('systemctl', ['daemon-reload'], { stdio: 'inherit' });
  execFileSync('systemctl', ['enable', '--now', 'flotilla-agent.service'], { stdio: 'inherit' });
}

export function uninstallService(): void {
  execFileSync('systemctl', ['disable', '--now', 'flotilla-agent.service'], { stdio: 'inherit' });
  rmSync(unitFile, { force: true });
  execFileSync('systemctl', ['daemon-reload'], { stdio: 'inherit' });
}
