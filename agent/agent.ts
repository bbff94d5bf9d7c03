/** The agent put together: one node, its channel to the service, its commands and associations. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../core/log.ts';
import { Associations } from './associations.ts';
import { ControlChannel } from './control-channel.ts';
import { Health } from './health.ts';
import { HttpClient } from './http-client.ts';
import { InventoryHashes } from './inventory/hashes.ts';
import { runNested } from './job.ts';
import { Jobs, type JobsParts } from './jobs.ts';
import { Journal } from './journal.ts';
import { MessagePoll } from './message-poll.ts';
import { describePlatform } from './platform.ts';
import { plugins } from './plugins/index.ts';
import { writeRegistration, type Registration } from './registration.ts';
import { Replies, type SendReply } from './replies.ts';
import { RoleCredentials } from './role-credentials.ts';
import { ServiceClient } from './service-client.ts';
import { agentVersion } from './version.ts';

export interface AgentOptions {
  readonly registration: Registration;
  readonly stateFolder: string;
  /** Whether exit code 194 may reboot this machine: only as a service. */
  readonly mayReboot: boolean;
  readonly log: Log;
  /** Called when the service has taken the first heart-beat. */
  readonly onOnline?: () => void;
}

export interface RunningAgent {
  stop(): Promise<void>;
}

/** A command's folder is kept for a day, to be looked at. */
const orchestrationKept = 24 * 3600_000;

export function startAgent(options: AgentOptions): RunningAgent {
  const { registration, stateFolder, log } = options;
  const folder = (name: string): string => path.join(stateFolder, name);
  const http = new HttpClient(registration.caFile);
  const credentials = new RoleCredentials(http, registration, (changed) => writeRegistration(stateFolder, changed), log);
  const service = new ServiceClient(http, registration, credentials);
  const platform = describePlatform();
  const replies = new Replies(folder('replies'), log);
  mkdirSync(folder('orchestration'), { recursive: true, mode: 0o700 });
  pruneOrchestration(folder('orchestration'));

  const parts: JobsParts = {
    service,
    platform,
    log,
    plugins,
    agentVersion,
    orchestrationFolder: folder('orchestration'),
    mayReboot: options.mayReboot,
    journal: new Journal(folder('commands')),
    replies,
    reboot: () => void spawn('shutdown', ['-r', '+1'], { stdio: 'ignore', detached: true }).on('error', (error) => log.error('the machine could not be rebooted', { error })),
    agent: {
      refreshAssociations: () => associations.look(),
      runDocument: (content, parameters, context) => runNested(content, parameters, parts, context),
      inventoryHashes: new InventoryHashes(folder('inventory')),
      customInventoryFolder: folder('custom-inventory'),
    },
  };
  const associations = new Associations(() => parts);
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
  const health = new Health(service, platform, agentVersion, () => (channel.isOpen ? 'ssmmessages' : poll.isActive ? 'ec2messages' : ''), log);

  jobs.resume();
  void health.start().then(() => {
    options.onOnline?.();
    channel.start();
    associations.start();
  });

  return {
    stop: async () => {
      health.stop();
      poll.stop();
      await Promise.all([jobs.stop(), associations.stop()]);
      await replies.flush();
      replies.stop();
      channel.stop();
      http.close();
    },
  };
}

function pruneOrchestration(folder: string): void {
  for (const name of readdirSync(folder)) {
    const command = path.join(folder, name);
    if (Date.now() - statSync(command).mtimeMs > orchestrationKept) rmSync(command, { recursive: true, force: true });
  }
}
