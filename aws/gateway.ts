/** The nodes' door as a service of its own: behind a load balancer that ends TLS and passes the rest untouched. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerClientError, nodeHttpListener, serverOptions } from '../functions/api/node-http.ts';
import { createGateway } from '../functions/gateway/gateway.ts';
import { hooks } from '../functions/gateway/tables.ts';
import { liveGateways } from '../functions/nodes/index.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import { jsonLog } from '../core/log.ts';
import { awsContext } from './context.ts';
import { openGatewayQueue, sweepGatewayQueues } from './gateway-queue.ts';

/** Bytes: what the gateway reads itself, and one for it to refuse more. */
const longestBody = 1024 * 1024 + 1;

export interface RunningGateway {
  readonly id: string;
  readonly port: number;
  /** Lets nodes go, records what they said, and ends. */
  stop(): Promise<void>;
}

/** @param port 0: any free one @throws when the environment lacks something or AWS refuses */
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

  const server = createServer(
    { ...serverOptions, shouldUpgradeCallback: (request) => gateway.takesUpgrade(request) },
    nodeHttpListener((request) => answer(request), { longestBody }),
  );
  server.on('upgrade', (request, socket, head) => gateway.upgrade(request, socket, head));
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  log.info('the gateway listens', { gateway: gateway.id });

  async function answer(request: HttpRequest): Promise<HttpResponse> {
    if (request.path === '/health') return json(200, { status: 'ok' });
    // The balancer's own address says nothing of the node; it appends the peer's as the last one.
    const sourceIp = request.headers['x-forwarded-for']?.split(',').at(-1)?.trim() ?? request.sourceIp;
    return gateway.takes(request)
      ? gateway.handle({ ...request, sourceIp })
      : json(404, { message: 'Nodes are spoken to here; the API is elsewhere.' });
  }

  return {
    id: gateway.id,
    port: (server.address() as AddressInfo).port,
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

/** The service's process: runs until it is told to stop. */
export async function runGateway(): Promise<void> {
  const gateway = await startGateway(Number(process.env.PORT ?? 8080));
  const stop = (): void => void gateway.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function json(status: number, body: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
