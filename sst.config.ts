/// <reference path="./.sst/platform/config.d.ts" />

/** The app and its stacks; docs/deploy.md says what to set. */
export default $config({
  app(input) {
    const production = input?.stage === 'production';
    return {
      name: 'flotilla',
      home: 'aws',
      removal: production ? 'retain' : 'remove',
      protect: production,
      providers: { aws: { region: (process.env.AWS_REGION ?? 'us-east-1') as 'us-east-1' } },
    };
  },
  async run() {
    const domain = process.env.FLOTILLA_GATEWAY_DOMAIN;
    if (domain === undefined || domain === '')
      throw new Error(
        'Set FLOTILLA_GATEWAY_DOMAIN to the domain that nodes will reach the gateway by, in a Route 53 zone of this account. Nodes insist on TLS, and a certificate needs a name.',
      );

    const { state } = await import('./stacks/state');
    const { files } = await import('./stacks/files');
    const { queues } = await import('./stacks/queues');
    const { changes } = await import('./stacks/changes');
    const { nodes } = await import('./stacks/nodes');
    const { functionNames } = await import('./events/rights');
    const { alarms } = await import('./stacks/alarms');
    const { api, apiServer } = await import('./stacks/api');
    const { events } = await import('./stacks/events');
    const { gateway } = await import('./stacks/gateway');

    const server = apiServer();
    const buckets = files();
    const ground = {
      ...state(),
      ...buckets,
      queues: queues(),
      bus: new sst.aws.Bus('Events'),
      nodeRole: nodes(buckets.bucket).role,
      gatewayQueueName: `${$app.name}-${$app.stage}-gateway-`,
      nodeEndpoint: `https://${domain}`,
    };
    const endpoint = server === 'gateway' ? ground.nodeEndpoint : api(ground).url;
    changes(ground, endpoint);
    events(ground, endpoint);
    const service = gateway(ground, domain, { endpoint, server });
    const deployed = functionNames.filter((name) => name !== 'gateway' && (name !== 'api' || server === 'function'));
    const { topic } = alarms(ground, deployed, service);
    return {
      endpoint,
      nodeEndpoint: ground.nodeEndpoint,
      bus: ground.bus.arn,
      bucket: ground.bucket.name,
      alarms: topic,
    };
  },
});
