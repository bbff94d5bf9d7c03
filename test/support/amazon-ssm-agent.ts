/**
 * AWS's own agent, built elsewhere, on a machine of its own: namespaces for processes and mounts, and layers over /etc,
 * /usr, /var and /root, so that it is installed where it always is while nothing of it reaches this machine.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { CreateActivationCommand, DescribeInstanceInformationCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Connection } from '../../local/connection-file.ts';
import { eventually } from './flotilla-process.ts';

/** Names the folder of the agent's binaries. */
const variable = 'FLOTILLA_AMAZON_SSM_AGENT';
const needed = [
  'amazon-ssm-agent',
  'ssm-agent-worker',
  'ssm-document-worker',
  'ssm-session-worker',
  'ssm-session-logger',
];

export interface Found {
  /** The folder of the binaries; undefined: there is no agent to test with. */
  readonly folder?: string;
  /** For a suite's title: the agent's version, or why it is skipped. */
  readonly title: string;
}

/** Looks for the agent and for what its machine needs. */
export function findAmazonAgent(): Found {
  const folder = process.env[variable];
  if (folder === undefined) return { title: `skipped: ${variable} does not name the folder of its binaries` };
  const missing = needed.filter((name) => !existsSync(path.join(folder, name)));
  if (missing.length > 0) return { title: `skipped: ${folder} has no ${missing.join(', ')}` };
  if (!canLayer())
    return {
      title: 'skipped: it takes root, and namespaces with overlay file systems, to give it a machine of its own',
    };
  const { stdout } = spawnSync(path.join(folder, 'amazon-ssm-agent'), ['-version'], { encoding: 'utf8' });
  return { folder, title: /version: (\S+)/.exec(stdout)?.[1] ?? 'of unknown version' };
}

const layers = ['etc', 'usr', 'var', 'root'];
const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];

function canLayer(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'flotilla-layer-'));
  const script =
    'cd "$1" && mkdir upper work && mount -t overlay overlay -o lowerdir=/etc,upperdir="$1/upper",workdir="$1/work" /etc';
  const { status } = spawnSync('unshare', [...namespaces, 'sh', '-c', script, 'sh', folder], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
  return status === 0;
}

/** What stands where `shutdown` was: it says what was asked for, and nothing restarts. */
const noShutdown = '#!/bin/sh\necho "$@" >> /var/asked-to-shut-down\n';

/**
 * The machine's first process. It runs lines of shell and says how each ended. Nothing starts unless the machine it
 * runs on is out of reach: no shutdown, no socket of the system's services.
 */
const firstProcess = String.raw`
set -e
for name in ${layers.join(' ')}; do
  mkdir -p "$1/work/$name"
  mount -t overlay overlay -o "lowerdir=/$name,upperdir=$1/$name,workdir=$1/work/$name" "/$name"
done
mount -t tmpfs tmpfs /run
[ "$(readlink -f /sbin/shutdown)" = "$(readlink -f /usr/sbin/shutdown)" ]
cmp -s "$1/usr/sbin/shutdown" /sbin/shutdown
export HOME=/root SSL_CERT_FILE="$2"
set +e
kill_all() { for process in /proc/[0-9]*; do if [ "$(readlink "$process/exe")" = "$1" ]; then kill -KILL "${'$'}{process#/proc/}"; fi; done; }
echo ready
while read -r line; do eval "$line"; echo "ended $?"; done
`;

/** As a service manager's: a CA bundle that the shell names (AWS_CA_BUNDLE) would stand above SSL_CERT_FILE. */
const serviceEnvironment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

export interface MachineOptions {
  readonly binaries: string;
  readonly server: Connection;
  /** ec2messages: the endpoint of the control channel is one that nobody answers at. */
  readonly channel?: 'ssmmessages' | 'ec2messages';
  /** Names that stand for this machine, such as those of buckets. */
  readonly hosts?: readonly string[];
}

/** A machine with amazon-ssm-agent, off until it is turned on. What is on its disk outlives that. */
export class AmazonAgentMachine {
  readonly folder: string;
  readonly #options: MachineOptions;
  #process: ChildProcess | undefined;
  #lines: Interface | undefined;
  nodeId = '';

  constructor(folder: string, options: MachineOptions) {
    this.folder = folder;
    this.#options = options;
    for (const name of [...layers, 'work']) mkdirSync(path.join(folder, name), { recursive: true });
    for (const name of ['etc/amazon/ssm', 'usr/bin', 'usr/sbin', 'var'])
      mkdirSync(path.join(folder, name), { recursive: true });
    for (const name of readdirSync(options.binaries).filter((name) => needed.includes(name))) {
      copyFileSync(path.join(options.binaries, name), path.join(folder, 'usr/bin', name));
      chmodSync(path.join(folder, 'usr/bin', name), 0o755);
    }
    writeFileSync(path.join(folder, 'usr/sbin/shutdown'), noShutdown, { mode: 0o755 });
    writeFileSync(path.join(folder, 'etc/machine-id'), `${crypto.randomUUID().replaceAll('-', '')}\n`);
    writeFileSync(path.join(folder, 'etc/hosts'), `127.0.0.1 ${['localhost', ...(options.hosts ?? [])].join(' ')}\n`);
    writeFileSync(path.join(folder, 'etc/amazon/ssm/amazon-ssm-agent.json'), JSON.stringify(this.#configuration()));
  }

  /** As docs/nodes.md shows it. */
  #configuration(): object {
    const { server, channel } = this.#options;
    const { port } = new URL(server.nodeEndpoint);
    return {
      Identity: { ConsumptionOrder: ['OnPrem'] },
      Ssm: { Endpoint: server.nodeEndpoint, AssociationFrequencyMinutes: 5 },
      Mds: { Endpoint: server.nodeEndpoint },
      Mgs: { Endpoint: channel === 'ec2messages' ? 'https://127.0.0.1:1' : server.nodeEndpoint, Region: server.region },
      // Without a scheme: where the agent asks for a bucket's Region it puts one, and the bucket, before what stands
      // here.
      S3: { Endpoint: `localhost:${port}`, Region: server.region },
    };
  }

  /** A machine that is registered with an activation of its own, its agent running and online. */
  static async online(folder: string, client: SSMClient, options: MachineOptions): Promise<AmazonAgentMachine> {
    const machine = new AmazonAgentMachine(folder, options);
    await machine.turnOn();
    await machine.register(client);
    await machine.startAgent();
    await machine.isOnline(client);
    return machine;
  }

  async turnOn(): Promise<void> {
    const child = spawn(
      'unshare',
      [...namespaces, 'sh', '-c', firstProcess, 'sh', this.folder, this.#options.server.caFile],
      { stdio: ['pipe', 'pipe', 'inherit'], env: serviceEnvironment },
    );
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([
      once(this.#lines, 'line'),
      once(child, 'close').then(() => ['nothing']),
    ])) as string[];
    if (line !== 'ready') throw new Error(`the machine did not come up: ${line}`);
  }

  /** Without a warning: whatever runs is gone in the same instant. */
  async cutPower(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  /** Runs a line of shell on the machine. @throws Error unless it ends with 0 */
  async shell(line: string): Promise<void> {
    const answered = once(this.#lines!, 'line') as Promise<[string]>;
    this.#process!.stdin!.write(`${line}\n`);
    const [answer] = await answered;
    if (answer !== 'ended 0') throw new Error(`${line}: ${answer}\n${this.log()}`);
  }

  async register(client: SSMClient): Promise<void> {
    const { ActivationId, ActivationCode } = await client.send(
      new CreateActivationCommand({ IamRole: 'FlotillaNode', Tags: [{ Key: 'agent', Value: 'amazon' }] }),
    );
    await this.shell(
      `amazon-ssm-agent -register -code ${ActivationCode} -id ${ActivationId} -region ${this.#options.server.region} -y >> /var/agent.log 2>&1`,
    );
    this.nodeId = (
      JSON.parse(readFileSync(path.join(this.folder, 'var/lib/amazon/ssm/registration'), 'utf8')) as {
        ManagedInstanceID: string;
      }
    ).ManagedInstanceID;
  }

  startAgent(): Promise<void> {
    return this.shell('amazon-ssm-agent >> /var/agent.log 2>&1 < /dev/null & agent=$!');
  }

  /** As a service manager stops it. */
  stopAgent(): Promise<void> {
    return this.shell('kill -TERM "$agent"; wait "$agent"; true');
  }

  /** SIGKILL to the agent and its worker; what documents run goes on, as on any machine. */
  killAgent(): Promise<void> {
    return this.shell('kill_all /usr/bin/amazon-ssm-agent; kill_all /usr/bin/ssm-agent-worker; wait "$agent"; true');
  }

  async isOnline(client: SSMClient): Promise<void> {
    const ping = async () => {
      const { InstanceInformationList: found = [] } = await client.send(
        new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [this.nodeId] }] }),
      );
      return found[0]?.PingStatus === 'Online' ? (true as const) : undefined;
    };
    await eventually('a ping', ping, 60_000).catch((cause: unknown) => {
      throw new Error(`the agent did not come online:\n${this.file('var/agent.log')}\n${this.log()}`, { cause });
    });
  }

  /** What the agent has logged. */
  log(): string {
    const file = path.join(this.folder, 'var/log/amazon/ssm/amazon-ssm-agent.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** A file on its disk; undefined when it is not there. */
  file(name: string): string | undefined {
    const file = path.join(this.folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }
}
