/** The agent: one node with its channel to the service, its commands and associations. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../core/log.ts';
import { Associations } from './associations.ts';
import { ControlChannel } from './control-channel.ts';
import { Health } from './health.ts';
import { HttpClient } from '../core/http-client.ts';
import { InventoryHashes } from './inventory/hashes.ts';
import { Jobs, type JobsParts } from './jobs.ts';
import { Journal } from './journal.ts';
import { loginEnvironment } from './login-environment.ts';
import { MessagePoll } from './message-poll.ts';
import { Orchestration } from './orchestration.ts';
import { describePlatform } from './platform.ts';
import { plugins } from './plugins/index.ts';
import { readRegistration, writeRegistration, type Registration } from './registration.ts';
import { Replies, type SendReply } from './replies.ts';
import { RoleCredentials } from './role-credentials.ts';
import { runNested } from './run-nested.ts';
import { ServiceClient } from './service-client.ts';
import { watchForSleep } from './sleep-watch.ts';
import { agentVersion } from './version.ts';

export interface AgentOptions {
  readonly registration: Registration;
  readonly stateFolder: string;
  /** Whether exit code 194 may reboot this machine: only as a service. */
  readonly mayReboot: boolean;
  readonly log: Log;
  /** Called when the service has accepted the first heart-beat. */
  readonly onOnline?: () => void;
}

export interface RunningAgent {
  /** Cancels what runs and reports it; takes at most ten seconds. Reports that could not be sent stay on the disk. */
  stop(): Promise<void>;
}

const everyHour = 3600_000;
/** Milliseconds that a stop waits for cancelled work to end, and then for the service to accept the reports. */
const patience = { ending: 6_000, telling: 2_500 };

export function startAgent(options: AgentOptions): RunningAgent {
  const { registration, stateFolder, log } = options;
  const folder = (name: string): string => path.join(stateFolder, name);
  const http = new HttpClient(registration.caFile);
  const credentials = new RoleCredentials(
    http,
    registration,
    ({ privateKey, nextPrivateKey }) => keepKeys(stateFolder, registration, { privateKey, nextPrivateKey }),
    log,
  );
  const service = new ServiceClient(http, registration, credentials);
  const platform = describePlatform();
  const replies = new Replies(folder('replies'), log);
  const journal = new Journal(folder('commands'));
  const orchestration = new Orchestration(folder('orchestration'));
  const prune = (): void => {
    try {
      journal.prune();
      orchestration.prune();
    } catch (error) {
      log.warn('old runs could not be removed', { error });
    }
  };
  prune();

  const parts: JobsParts = {
    service,
    platform,
    log,
    plugins,
    agentVersion,
    orchestration,
    mayReboot: options.mayReboot,
    journal,
    replies,
    reboot,
    agent: {
      refreshAssociations: (wanted) => associations.look(wanted),
      runDocument: (content, parameters, context) => runNested(content, parameters, plugins, context),
      inventoryHashes: new InventoryHashes(folder('inventory')),
      customInventoryFolder: folder('custom-inventory'),
    },
  };
  const associations = new Associations(folder('associations'), () => parts);
  const jobs = new Jobs(parts);
  const onJob = (jobId: string, topic: string, content: string): string => jobs.take(jobId, topic, content);
  const poll = new MessagePoll(service, onJob, log);
  const send: SendReply = async (reply) => {
    if (channel.isOpen) return channel.sendReply(reply) ? 'sent' : 'unsent';
    if (!poll.isActive) return 'unsent';
    await poll.sendReply(reply);
    return 'acknowledged';
  };
  const channel = new ControlChannel(
    service,
    {
      onJob,
      onReplyAcknowledged: (messageId) => replies.acknowledged(messageId),
      onOpen: () => {
        poll.stop();
        replies.through(send);
        void health.beat();
      },
      onClose: () => log.info('the control channel is closed; it will be opened again'),
      onRefused: () => {
        poll.start();
        replies.through(send);
      },
    },
    agentVersion,
    log,
  );
  const health = new Health(
    service,
    agentVersion,
    () => (channel.isOpen ? 'ssmmessages' : poll.isActive ? 'ec2messages' : ''),
    log,
  );

  jobs.resume();
  associations.resume();
  const pruner = setInterval(prune, everyHour);
  pruner.unref();
  const endWatch = watchForSleep(() => {
    log.info('the machine has slept');
    channel.check();
    void health.beat();
    associations.look();
  });
  let stopped = false;
  void health.start().then(() => {
    if (stopped) return;
    options.onOnline?.();
    channel.start();
    associations.start();
  });

  return {
    stop: async () => {
      stopped = true;
      clearInterval(pruner);
      endWatch();
      health.stop();
      await Promise.race([
        Promise.all([jobs.stop(), associations.stop()]),
        sleep(patience.ending, undefined, { ref: false }),
      ]);
      await replies.drained(patience.telling);
      replies.stop();
      poll.stop();
      channel.stop();
      http.close();
    },
  };
}

/** Only the keys are stored: the service's addresses may be different for this run only. */
function keepKeys(
  stateFolder: string,
  registration: Registration,
  keys: Pick<Registration, 'privateKey' | 'nextPrivateKey'>,
): void {
  writeRegistration(stateFolder, { ...(readRegistration(stateFolder) ?? registration), ...keys });
}

/** In a minute, as AWS's agent does it, so that people who are logged in are warned. */
async function reboot(): Promise<void> {
  await promisify(execFile)('shutdown', ['-r', '+1'], { env: loginEnvironment() });
}
