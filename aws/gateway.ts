/**
 * The gateway as a service behind a load balancer. The load balancer ends TLS and passes everything else on unchanged.
 * With `FLOTILLA_API=gateway` the service also serves the API.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerClientError, nodeHttpListener, serverOptions } from '../functions/api/node-http.ts';
import { createGateway } from '../functions/gateway/gateway.ts';
import { hooks } from '../functions/gateway/tables.ts';
import { liveGateways } from '../functions/nodes/index.ts';
import type { ExtensionResponse, HttpRequest, HttpResponse } from '../core/http.ts';
import { jsonLog } from '../core/log.ts';
import { awsContext } from './context.ts';
import { openGatewayQueue, sweepGatewayQueues } from './gateway-queue.ts';

/** Bytes: the limit of the gateway and the API, plus one byte, so that they can refuse more. */
const longestBody = 2 * 1024 * 1024 + 1;

export interface RunningGateway {
  readonly id: string;
  readonly port: number;
  /** Closes the nodes' connections, records what nodes have reported, and ends. */
  stop(): Promise<void>;
}

/** @param port 0: any free one @throws when the environment lacks a variable, or AWS refuses a call */
export async function startGateway(port: number): Promise<RunningGateway> {
  const log = jsonLog((line) => process.stdout.write(line));
  const context = awsContext(log);
  const { sqs, mailbox, environment } = context;
  const gateway = await createGateway({ context, ...hooks });
  const closeQueue = await openGatewayQueue({
    sqs,
    queuePrefix: environment.gatewayQueuePrefix,
    gatewayId: gateway.id,
    onWake: (nodeId) => mailbox.deliver(nodeId),
    log,
  });
  mailbox.belongsTo(gateway.id);
  const lives = (ids: readonly string[]): Promise<ReadonlySet<string>> =>
    liveGateways(
      context,
      ids.map((gatewayId) => ({ gatewayId })),
    );
  sweepGatewayQueues(sqs, environment.gatewayQueuePrefix, lives).catch((error: unknown) =>
    log.warn('queues of dead gateways were not swept', { error }),
  );

  // Loaded only where it is served: the API is the larger part of the bundle.
  const api = environment.gatewayServesApi ? (await import('./serve-api.ts')).apiOf(context) : undefined;
  const server = createServer(
    { ...serverOptions, shouldUpgradeCallback: (request) => gateway.takesUpgrade(request) },
    nodeHttpListener((request) => answer(request), { longestBody, files: context.files }),
  );
  server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  const listening = (server.address() as AddressInfo).port;
  log.info('the gateway listens', { gateway: gateway.id, port: listening, servesApi: api !== undefined });

  async function answer(received: HttpRequest): Promise<ExtensionResponse> {
    if (received.path === '/health') return json(200, { status: 'ok' });
    // The socket's address is the load balancer's. The load balancer appends the caller's address as the last one.
    const sourceIp = received.headers['x-forwarded-for']?.split(',').at(-1)?.trim() ?? received.sourceIp;
    const request = { ...received, sourceIp };
    if (gateway.takes(request)) return gateway.handle(request);
    return api?.(request) ?? json(404, { message: 'This is the gateway for nodes. The API has another endpoint.' });
  }

  return {
    id: gateway.id,
    port: listening,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await gateway.close();
      server.closeAllConnections();
      await closed;
      await mailbox.settled();
      await closeQueue();
    },
  };
}

/** The service's process: runs until it gets a signal to stop. */
export async function runGateway(): Promise<void> {
  const gateway = await startGateway(Number(process.env.PORT ?? 8080));
  const stop = (): void => void gateway.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function json(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
