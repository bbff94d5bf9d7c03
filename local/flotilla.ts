/** Composes Flotilla on one machine: state, files, servers, events and timers in one process. */
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { issueKey } from '../core/access-keys.ts';
import { ProcessBackground } from '../core/background.ts';
import { SystemClock, type Clock } from '../core/clock.ts';
import type { Context } from '../core/context.ts';
import { noDeadline } from '../core/deadline.ts';
import { randomIds } from '../core/ids.ts';
import type { Log } from '../core/log.ts';
import { presignUrl } from '../core/sigv4/sign.ts';
import { routes } from '../events/routes.ts';
import { createApi, longestBody } from '../functions/api/api.ts';
import { createCallApi } from '../functions/api/call-in-process.ts';
import { answerClientError, nodeHttpListener, serverOptions } from '../functions/api/node-http.ts';
import { tables } from '../functions/api/tables.ts';
import { createFilesDoor } from '../functions/files-door/files-door.ts';
import { openServiceBucket } from '../functions/files-door/service-bucket.ts';
import { createGateway } from '../functions/gateway/gateway.ts';
import { hooks } from '../functions/gateway/tables.ts';
import { onStart, ownedDocuments, timers } from '../functions/registry.ts';
import { removeUnfinishedBackups } from './backup/backup.ts';
import { backupExtensions } from './backup/extension.ts';
import { openCertificates, renewCertificates } from './certificates.ts';
import { endpointsOf, openConnectionFile, type Connection } from './connection-file.ts';
import { DiskFiles } from './disk-files.ts';
import { startDispatcher, type WiredRoute } from './dispatcher.ts';
import { asFolderTrouble } from './folder-trouble.ts';
import { openIdentity, serviceBucketOf } from './identity.ts';
import { openKeyFile } from './key-file.ts';
import { listen } from './listener.ts';
import { LocalMailbox } from './mailbox.ts';
import type { StartOptions } from './options.ts';
import { PeerUsers } from './peer-user.ts';
import { loadHandler } from './route-handlers.ts';
import { shutDown, type Step } from './shut-down.ts';
import { lockDataFolder, openSqliteState } from './sqlite-state.ts';
import { startTimers } from './timer-loop.ts';

export interface FlotillaOptions extends Pick<
  StartOptions,
  | 'host'
  | 'name'
  | 'port'
  | 'data'
  | 'awsQuotas'
  | 'logsEndpoint'
  | 'pendingInvocations'
  | 'largestParameter'
  | 'shareThisMachine'
> {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly log: Log;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Routes besides Flotilla's own. */
  readonly routes?: readonly WiredRoute[];
}

export interface Flotilla {
  readonly connection: Connection;
  /** Whether this start made the connection's key. */
  readonly isNewKey: boolean;
  readonly context: Context;
  /** Resolves when no event and no due timer is left to handle. */
  idle(): Promise<void>;
  /** Finishes running requests, then stops. Never rejects. Further calls wait for the same stop. */
  stop(): Promise<void>;
}

/** @throws StartRefused: its message is for the person at the terminal */
export async function startFlotilla(options: FlotillaOptions): Promise<Flotilla> {
  const { data, host, name = host, log } = options;
  /** The parts that were started. They are stopped in reverse order when a later part fails to start. */
  const started: Step[] = [];
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const unlock = lockDataFolder(data);
    started.push({ name: 'lock', end: unlock });
    return await compose(options, unlock);
  } catch (error) {
    await shutDown(started.reverse(), log);
    throw asFolderTrouble(error, data);
  }

  async function compose({ clock = new SystemClock() }: FlotillaOptions, unlock: () => void): Promise<Flotilla> {
    const identity = openIdentity(data, { account: options.account, region: options.region });
    const openTls = () => openCertificates(path.join(data, 'tls'), [host, name]);
    const certificates = await openTls();
    const stateFile = path.join(data, 'state.db');
    // Checked before the state file is made: a state file without its key means that the key was lost.
    const keys = openKeyFile(path.join(data, 'key'), { make: !existsSync(stateFile) });
    const state = openSqliteState({ file: stateFile, clock, log });
    started.push({ name: 'state', end: () => state.close() });

    // The port is known only after listening begins, and URLs need it.
    const known: {
      endpoints?: ReturnType<typeof endpointsOf>;
      key?: Pick<Connection, 'accessKeyId' | 'secretAccessKey'>;
    } = {};
    const endpoints = (): ReturnType<typeof endpointsOf> => {
      if (known.endpoints === undefined) throw new Error('the address is not known before the server listens');
      return known.endpoints;
    };
    const files = new DiskFiles({
      folder: path.join(data, 'files'),
      clock,
      ids: randomIds,
      log,
      presign: async (method, bucket, key, expiresIn) => {
        if (known.key === undefined) throw new Error('there is no key to sign with before Flotilla has started');
        const url = `${endpoints().endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
        return presignUrl({ method, url, expiresIn, credentials: known.key, region: identity.region, service: 's3' });
      },
    });
    started.push({ name: 'files', end: () => files.close() });
    const settings = {
      awsQuotas: options.awsQuotas,
      get endpoint() {
        return endpoints().endpoint;
      },
      get nodeEndpoint() {
        return endpoints().nodeEndpoint;
      },
      get filesEndpoint() {
        return endpoints().endpoint;
      },
      logsEndpoint: options.logsEndpoint,
      pendingInvocations: options.pendingInvocations,
      largestParameter: options.largestParameter,
      shareThisMachine: options.shareThisMachine,
    };
    const context: Context = {
      ...identity,
      state,
      files,
      mailbox: new LocalMailbox(),
      keys,
      clock,
      ids: randomIds,
      log,
      serviceBucket: serviceBucketOf(identity),
      settings,
      ownedDocuments,
      deadline: noDeadline,
      background: new ProcessBackground({ isAlone: true }),
      callApi: createCallApi(tables),
    };
    await openServiceBucket(context, files);

    removeUnfinishedBackups(data);
    const api = createApi({
      ...tables,
      extensions: { ...tables.extensions, ...backupExtensions({ data, state, files }) },
    });
    const gateway = await createGateway({ context, ...hooks });
    const filesDoor = createFilesDoor({ context, files, hosts: ['localhost', host, name, os.hostname()] });
    const peers = new PeerUsers();
    const answer = nodeHttpListener(
      (request) => (gateway.takes(request) ? gateway.handle(request) : api(request, context)),
      { files, longestBody, isOnServiceMachine: (socket) => peers.isPrivileged(socket) },
    );
    started.push({ name: 'gateway', end: () => gateway.close() });
    const listener = await listen({
      host,
      port: options.port,
      certificate: certificates,
      server: serverOptions,
      onRequest: (incoming, outgoing) =>
        filesDoor.takes(incoming) ? filesDoor.handle(incoming, outgoing) : answer(incoming, outgoing),
      takesUpgrade: (request) => gateway.takesUpgrade(request),
      onUpgrade: (request, socket, head) => gateway.upgrade(request, socket, head),
      onClientError: answerClientError,
      onServerError: (error) => log.error('the server cannot take a connection', { error }),
    });
    // Set in the same turn of the event loop: the first request may already be waiting.
    known.endpoints = endpointsOf({ host: name, port: listener.port });
    started.push({ name: 'listener', end: () => listener.close(0) });
    const renewal = renewCertificates(openTls, certificates, (renewed) => listener.useCertificate(renewed), log);
    started.push({ name: 'certificates', end: renewal });
    const { connection, isNewKey } = await openConnectionFile(
      data,
      { host, port: listener.port, caFile: certificates.caFile, ...identity },
      async () => {
        const key = await issueKey(context, { owner: { kind: 'person', name: 'admin', role: 'admin' } });
        await state.transact(key.writes);
        return key;
      },
    );
    known.key = connection;
    const dispatcher = startDispatcher({
      state,
      routes: [...routes, ...(options.routes ?? [])],
      load: loadHandler,
      context,
    });
    context.background.run('what another process left', log, async () => {
      for (const resume of onStart) await resume(context);
    });
    const timerLoop = startTimers({ state, handlers: { ...timers, ...filesDoor.timers }, context });

    let stopped: Promise<void> | undefined;
    const steps: readonly Step[] = [
      { name: 'gateway', end: () => gateway.close() },
      { name: 'certificates', end: renewal },
      { name: 'listener', end: () => listener.close() },
      { name: 'timers', end: () => timerLoop.stop() },
      { name: 'events', end: () => dispatcher.stop() },
      { name: 'state', end: () => state.close() },
      { name: 'files', end: () => files.close() },
      { name: 'lock', end: unlock },
    ];
    return {
      connection,
      isNewKey,
      context,
      idle: async () => {
        await timerLoop.idle();
        await dispatcher.idle();
      },
      stop: () => (stopped ??= shutDown(steps, log)),
    };
  }
}
