/**
 * The gateway: a service that holds the nodes' connections, behind a load balancer that ends TLS. It can serve the API
 * too.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { joinRights } from '../core/rights';
import { rightsOf } from '../events/rights';
import type { ApiServer } from './api';
import { environmentOf, type Ground } from './bundle';
import { permissionsOf } from './permissions';
import { location } from './location';

/** Seconds. A control channel may be quiet for minutes between pings; the load balancer must not close it. */
const idleTimeout = 3600;

export function gateway(
  ground: Ground,
  domain: string,
  { endpoint, server }: { readonly endpoint: $util.Input<string>; readonly server: ApiServer },
) {
  if (!existsSync(join($cli.paths.root, 'dist', 'gateway', 'index.mjs')))
    throw new Error('dist/gateway is not there: run `npm run build` first');
  const { accountId, region, partition } = location();
  const rights = server === 'gateway' ? joinRights(rightsOf('gateway'), rightsOf('api')) : rightsOf('gateway');
  const vpc = new sst.aws.Vpc('Network');
  const cluster = new sst.aws.Cluster('Cluster', { vpc });
  const service = new sst.aws.Service('Gateway', {
    cluster,
    architecture: 'arm64',
    cpu: '0.5 vCPU',
    memory: '1 GB',
    scaling: { min: 2, max: 10, cpuUtilization: 60, memoryUtilization: 70 },
    image: { context: 'dist/gateway', dockerfile: 'Dockerfile' },
    environment: { ...environmentOf(ground, rights, endpoint), FLOTILLA_API: server },
    permissions: [
      ...permissionsOf(rights, ground),
      {
        actions: ['sqs:CreateQueue', 'sqs:DeleteQueue', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'],
        resources: [$interpolate`arn:${partition}:sqs:${region}:${accountId}:${ground.gatewayQueueName}*`],
      },
      // This action cannot be limited to names.
      { actions: ['sqs:ListQueues'], resources: ['*'] },
    ],
    loadBalancer: {
      domain,
      rules: [{ listen: '443/https', forward: '8080/http' }],
      health: { '8080/http': { path: '/health', interval: '10 seconds' } },
    },
    transform: {
      loadBalancer: (args) => {
        args.idleTimeout = idleTimeout;
      },
      // It starts the container from its image and writes its log. By default sst would let it read every parameter and
      // secret.
      executionRole: (args) => {
        args.inlinePolicies = [];
      },
    },
  });
  const { service: tasks, loadBalancer } = service.nodes;
  return { service: tasks, loadBalancer };
}
