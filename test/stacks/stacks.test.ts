/** What is deployed: every resource that the stacks make, by sst's own components, without an account. */
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsAttribute } from '../../aws/state-item.ts';
import { variables } from '../../aws/environment.ts';
import { matchesPattern } from '../../core/event-pattern.ts';
import { outboxPartition } from '../../core/outbox.ts';
import { timerPartition } from '../../core/timers.ts';
import { functionNames, rightsOf } from '../../events/rights.ts';
import { routes } from '../../events/routes.ts';
import { functionSeconds, hiddenSeconds, timersPerCall } from '../../functions/clock/limits.ts';
import { buildBundles, plans } from '../../scripts/bundles.ts';
import { account, defaultRegion as region, synthesize, type Resource, type Synthesis } from './synthesize.ts';

const root = path.resolve(import.meta.dirname, '../..');
const env = { FLOTILLA_GATEWAY_DOMAIN: 'nodes.example.com', FLOTILLA_SOURCE_BUCKETS: 'releases,runbooks' };

const ownTopic = 'arn:aws:sns:us-east-1:123456789012:operations';

let synthesis: Synthesis;
/** With the API at the gateway, a topic of the operator’s own and nothing reserved. */
let atGateway: Synthesis;
/** With a mail address and little reserved. */
let inChina: Synthesis;
beforeAll(async () => {
  await buildBundles();
  const stage = 'production';
  synthesis = await synthesize({ root, stage, env });
  atGateway = await synthesize({
    root,
    stage,
    env: { ...env, FLOTILLA_API: 'gateway', FLOTILLA_ALARM_TOPIC: ownTopic, FLOTILLA_RESERVED_CONCURRENCY: '0' },
  });
  inChina = await synthesize({
    root,
    stage,
    env: { ...env, FLOTILLA_ALARM_EMAIL: 'ops@example.com', FLOTILLA_RESERVED_CONCURRENCY: '10' },
    region: 'cn-north-1',
  });
  // Bundles and three syntheses, perhaps on a busy machine.
}, 300_000);

const of = (type: string): Resource[] => synthesis.resources.filter((resource) => resource.type === type);
const one = (type: string, name: RegExp = /./): Record<string, unknown> => {
  const found = of(type).filter((resource) => name.test(resource.name));
  expect(found.map((resource) => resource.name)).toHaveLength(1);
  return found[0]!.inputs;
};
const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`;
const functionArn = (name: string): string => arn('lambda', `function:flotilla-production-${name}`);

describe('state', () => {
  test('one table with its index, expiry, stream and recovery', () => {
    expect(one('aws:dynamodb/table:Table')).toMatchObject({
      hashKey: 'pk',
      rangeKey: 'sk',
      billingMode: 'PAY_PER_REQUEST',
      attributes: ['pk', 'sk', 'index1pk', 'index1sk'].map((name) => ({ name, type: 'S' })),
      globalSecondaryIndexes: [
        { name: 'index1', hashKey: 'index1pk', rangeKey: 'index1sk', projectionType: 'KEYS_ONLY' },
      ],
      ttl: { attributeName: 'expiresAt', enabled: true },
      streamEnabled: true,
      streamViewType: 'NEW_IMAGE',
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: true,
    });
  });

  test('a key that rotates, and one for tokens', () => {
    expect(one('aws:kms/key:Key', /^DataKey$/)).toMatchObject({ enableKeyRotation: true });
    expect(one('aws:kms/key:Key', /^MacKey$/)).toMatchObject({
      keyUsage: 'GENERATE_VERIFY_MAC',
      customerMasterKeySpec: 'HMAC_256',
    });
  });

  test('what nodes upload lasts as long as commands are known, and a day', () => {
    expect(JSON.stringify(one('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration'))).toMatch(
      /31.*output\/.*31.*collected|output\/.*31.*collected.*31/,
    );
  });

  test('nobody reads the bucket from outside, or without TLS', () => {
    expect(one('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock')).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      restrictPublicBuckets: true,
    });
    expect(JSON.stringify(one('aws:s3/bucketPolicy:BucketPolicy'))).toContain('aws:SecureTransport');
  });
});

describe('routes', () => {
  test.each(routes)('$name is a function of its own bundle, wired once', ({ name, on }) => {
    const fn = of('aws:lambda/function:Function').filter(({ inputs }) => inputs.name === `flotilla-production-${name}`);
    expect(fn).toHaveLength(1);
    expect(fn[0]!.inputs).toMatchObject({ handler: 'index.handler', runtime: 'nodejs24.x', architectures: ['arm64'] });
    const target = functionArn(name);
    const wirings = {
      events: of('aws:cloudwatch/eventTarget:EventTarget').filter(({ inputs }) => inputs.arn === target),
      schedules: of('aws:scheduler/schedule:Schedule').filter(
        ({ inputs }) => (inputs.target as { arn: string }).arn === target,
      ),
      queues: of('aws:lambda/eventSourceMapping:EventSourceMapping').filter(
        ({ inputs }) => inputs.functionName === target,
      ),
    };
    const expected =
      'detailTypes' in on
        ? on.alsoFromAws === true || on.source !== undefined
          ? [2, 0, 0]
          : [1, 0, 0]
        : 'schedule' in on
          ? [0, 1, 0]
          : [0, 0, 1];
    expect(Object.values(wirings).map((found) => found.length)).toEqual(expected);
    if ('schedule' in on)
      expect(wirings.schedules[0]!.inputs).toMatchObject({ scheduleExpression: on.schedule, state: 'ENABLED' });
    if ('queue' in on)
      expect(wirings.queues[0]!.inputs).toMatchObject({ functionResponseTypes: ['ReportBatchItemFailures'] });
  });

  test.each(routes.flatMap(({ name, on }) => ('detailTypes' in on ? [{ name, on }] : [])))(
    '$name has a rule for its events, and dead letters for what it fails at',
    ({ name, on }) => {
      const target = of('aws:cloudwatch/eventTarget:EventTarget').find(
        ({ inputs }) => inputs.arn === functionArn(name),
      );
      const rule = of('aws:cloudwatch/eventRule:EventRule').find(({ inputs }) => inputs.name === target?.inputs.rule);
      expect(JSON.parse(rule?.inputs.eventPattern as string)).toEqual({
        source: [on.source?.replace('aws.', 'flotilla.') ?? 'flotilla.ssm'],
        'detail-type': on.detailTypes,
        ...(on.detail === undefined ? {} : { detail: on.detail }),
      });
      const invocation = of('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig').find(
        ({ inputs }) => inputs.functionName === `flotilla-production-${name}`,
      );
      expect(invocation?.inputs).toMatchObject({
        maximumRetryAttempts: 2,
        destinationConfig: { onFailure: { destination: expect.stringContaining('DeadLetters') as string } },
      });
    },
  );

  test('the times of function, claim and queue are those that the clock counts on; a timer shares its call with none', () => {
    expect(one('aws:lambda/eventSourceMapping:EventSourceMapping', /Timers/)).toMatchObject({
      batchSize: timersPerCall,
    });
    expect(one('aws:sqs/queue:Queue', /Timers/)).toMatchObject({ visibilityTimeoutSeconds: hiddenSeconds });
    const fire = of('aws:lambda/function:Function').find(
      ({ inputs }) => inputs.name === 'flotilla-production-fire-timers',
    );
    expect(fire?.inputs).toMatchObject({ timeout: functionSeconds });
  });

  test('there is no function besides the routes, the API and the publisher', () => {
    const names = of('aws:lambda/function:Function').map(({ inputs }) => inputs.name);
    expect(names.sort()).toEqual(
      [...routes.map(({ name }) => name), 'api', 'publish-changes'].map((name) => `flotilla-production-${name}`).sort(),
    );
  });
});

describe('changes', () => {
  const mapping = () => one('aws:lambda/eventSourceMapping:EventSourceMapping', /PublishChanges/);

  test('the stream is read from its beginning, failures alone are repeated, and nothing is dropped in silence', () => {
    expect(mapping()).toMatchObject({
      functionName: functionArn('publish-changes'),
      startingPosition: 'TRIM_HORIZON',
      functionResponseTypes: ['ReportBatchItemFailures'],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 50,
      maximumRecordAgeInSeconds: 3600,
      destinationConfig: { onFailure: { destinationArn: expect.stringContaining('UnpublishedChanges') as string } },
    });
  });

  test('its filters let through what carries events, outbox rows and timers; a heart-beat wakes nobody', () => {
    const filters = (mapping().filterCriteria as { filters: { pattern: string }[] }).filters.map(
      ({ pattern }) => JSON.parse(pattern) as Record<string, unknown>,
    );
    const wakes = (pk: string, image: object, eventName = 'MODIFY'): boolean =>
      filters.some((filter) =>
        matchesPattern(filter, {
          eventName,
          dynamodb: { Keys: { pk: { S: pk } }, NewImage: { pk: { S: pk }, ...image } },
        }),
      );
    const events = eventsAttribute([{ id: 'e', detailType: 'Test', time: 1, resources: [], detail: {} }]);
    expect(wakes('NODE#mi-1', { b_lastPing: { N: '1' } })).toBe(false);
    expect(wakes('NODE#mi-1', { _events: events })).toBe(true);
    expect(wakes(timerPartition(3), {}, 'INSERT')).toBe(true);
    expect(wakes(outboxPartition(3), {}, 'INSERT')).toBe(true);
    expect(wakes('NODE#mi-1', { _events: events }, 'REMOVE')).toBe(false);
  });
});

interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const statementsOf = (role: Resource): Statement[] =>
  ((role.inputs.inlinePolicies ?? []) as { policy: string }[]).flatMap(({ policy }) =>
    [(JSON.parse(policy) as { Statement: Statement | Statement[] }).Statement].flat(),
  );
const roles = (): Resource[] => of('aws:iam/role:Role');

/** The role of a function, or of the gateway’s tasks. */
function roleOf(name: string, { resources } = synthesis): Resource {
  const isRole = ({ type }: Resource): boolean => type === 'aws:iam/role:Role';
  const fn = resources.find(
    ({ type, inputs }) => type === 'aws:lambda/function:Function' && inputs.name === `flotilla-production-${name}`,
  );
  const role = resources.find((one) =>
    isRole(one) && name === 'gateway'
      ? /^GatewayTaskRole/.test(one.name)
      : isRole(one) && String(fn?.inputs.role).endsWith(`:role/${(one.inputs.name as string | undefined) ?? one.name}`),
  );
  if (role === undefined) throw new Error(`${name} has no role`);
  return role;
}

/** Its statements that allow an action. */
const allowing = (name: string, action: string): Statement[] =>
  statementsOf(roleOf(name)).filter(({ Action: actions }) => [actions].flat().includes(action));

describe('rights', () => {
  test('nobody may do all of a service, and all resources only where a service knows none', () => {
    const nameless =
      /^(xray:Put(TraceSegments|TelemetryRecords)|sqs:ListQueues|ssmmessages:\w+|cloudwatch:DescribeAlarms)$/;
    for (const role of roles())
      for (const { Action: actions, Resource: resources } of statementsOf(role)) {
        for (const action of [actions].flat()) expect(action).not.toContain('*');
        if ([resources].flat().includes('*'))
          for (const action of [actions].flat())
            expect(`${role.name} ${action}`).toMatch(new RegExp(`^\\S+ ${nameless.source.slice(1)}`));
      }
  });

  test('composite alarms can be asked for: CloudWatch knows no resource for those', () => {
    expect(allowing('gateway', 'cloudwatch:DescribeAlarms')).toMatchObject([{ Resource: ['*'] }]);
  });

  test('only the clock and the publisher send events and timers', () => {
    const may = (action: string): string[] =>
      roles()
        .filter((role) => statementsOf(role).some((statement) => [statement.Action].flat().includes(action)))
        .map(({ name }) => /PublishChanges|Tick|Gateway/.exec(name)?.[0] ?? name)
        .sort();
    expect(may('events:PutEvents')).toEqual(['PublishChanges', 'Tick']);
    expect(may('dynamodb:Scan')).toEqual([]);
    expect(may('dynamodb:DeleteTable')).toEqual([]);
    expect(may('sqs:CreateQueue')).toEqual(['Gateway']);
    expect(may('secretsmanager:GetSecretValue')).toEqual([]);
    expect(may('sts:AssumeRole')).toEqual(['ApiRole']);
  });

  test.each(['Query', 'GetItem', 'PutItem', 'BatchWriteItem'].map((action) => `dynamodb:${action}`))(
    '%s is allowed on the partitions of the rights alone',
    (action) => {
      const kind = /Put|Write/.test(action) ? 'writes' : 'reads';
      for (const name of functionNames) {
        const patterns = rightsOf(name)[kind] ?? [];
        expect(
          allowing(name, action).map(({ Condition }) => Condition),
          name,
        ).toEqual(
          patterns.length === 0 ? [] : [{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...patterns] } }],
        );
      }
    },
  );

  test('the gateway decrypts nodes’ keys and nothing else, and encrypts nothing', () => {
    expect(allowing('gateway', 'kms:Decrypt').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'kms:EncryptionContext:purpose': ['node-access-key'] } },
    ]);
    expect(allowing('gateway', 'kms:GenerateDataKey')).toEqual([]);
    expect(allowing('gateway', 's3:GetObject')).toEqual([]);
  });

  test('the API decrypts secrets by what they are for', () => {
    expect(allowing('api', 'kms:Decrypt').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'kms:EncryptionContext:purpose': ['access-key', 'node-access-key'] } },
      { StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': ['arn:*:parameter/*'] } },
    ]);
  });

  test('files are reached by prefix', () => {
    expect(allowing('record-patch-scan', 's3:PutObject').flatMap(({ Resource }) => Resource)).toEqual([
      expect.stringMatching(/filesbucket[^/]*\/reports\/\*$/),
    ]);
    expect(allowing('keep-dead-letters', 's3:GetObject')).toEqual([]);
  });

  test('each role’s policies fit the 10,240 characters that IAM takes', () => {
    for (const role of roles()) {
      const policies = (role.inputs.inlinePolicies ?? []) as { policy: string }[];
      const length = policies.reduce((sum, { policy }) => sum + policy.length, 0);
      // The mocks' ARNs are shorter than real ones.
      expect(length, role.name).toBeLessThan(9_000);
    }
  });
});

describe('limits', () => {
  const reservedOf = ({ resources }: Synthesis): Record<string, unknown> =>
    Object.fromEntries(
      resources
        .filter(({ type }) => type === 'aws:lambda/function:Function')
        .flatMap(({ inputs }) =>
          inputs.reservedConcurrentExecutions === undefined
            ? []
            : [[String(inputs.name).replace('flotilla-production-', ''), inputs.reservedConcurrentExecutions]],
        ),
    );

  test('a flood of calls cannot take what timers and the publisher need', () => {
    expect(reservedOf(synthesis)).toEqual({ api: 240, 'fire-timers': 80, 'publish-changes': 60, tick: 20 });
    const mapping = of('aws:lambda/eventSourceMapping:EventSourceMapping').find(
      ({ inputs }) => inputs.functionName === functionArn('fire-timers'),
    );
    expect(mapping?.inputs).toMatchObject({ scalingConfig: { maximumConcurrency: 80 } });
  });

  test('an account with a small quota reserves little, or nothing', () => {
    expect(reservedOf(inChina)).toEqual({ api: 6, 'fire-timers': 2, 'publish-changes': 1, tick: 1 });
    expect(reservedOf(atGateway)).toEqual({});
  });
});

describe('alarms', () => {
  const alarms = ({ resources } = synthesis): Record<string, Record<string, unknown>> =>
    Object.fromEntries(
      resources
        .filter(({ type }) => type === 'aws:cloudwatch/metricAlarm:MetricAlarm')
        .map(({ inputs }) => [String(inputs.name).replace('flotilla-production-', ''), inputs]),
    );

  test('every one tells its topic, and when it is over', () => {
    const topic = arn('sns', 'flotilla-production-alarms');
    expect(Object.keys(alarms()).length).toBeGreaterThan(20);
    for (const alarm of Object.values(alarms())) {
      expect(alarm).toMatchObject({ alarmActions: [topic], okActions: [topic] });
      expect(alarm.alarmDescription).toMatch(/\.$/);
    }
    expect(synthesis.outputs).toMatchObject({ alarms: topic });
    expect(of('aws:sns/topicSubscription:TopicSubscription')).toEqual([]);
  });

  test('a dead letter, events that are not kept, changes that are not published or are late', () => {
    expect(alarms()).toMatchObject({
      'dead-letters': {
        namespace: 'Flotilla',
        metricName: 'DeadLetters',
        dimensions: { service: 'dead-letters' },
        threshold: 0,
      },
      'dead-letters-queue': { namespace: 'AWS/SQS', metricName: 'ApproximateAgeOfOldestMessage' },
      'unpublished-changes': {
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        threshold: 0,
        dimensions: { QueueName: expect.stringContaining('UnpublishedChanges') as string },
      },
      'publish-changes-late': { metricName: 'IteratorAge', threshold: 300_000 },
    });
  });

  test.each(functionNames.filter((name) => name !== 'gateway'))('errors and throttles of %s', (name) => {
    for (const metricName of ['Errors', 'Throttles'])
      expect(alarms()[`${name}-${metricName.toLowerCase()}`]).toMatchObject({
        namespace: 'AWS/Lambda',
        metricName,
        statistic: 'Sum',
        threshold: 0,
        dimensions: { FunctionName: `flotilla-production-${name}` },
      });
  });

  test('a tick that does not come', () => {
    for (const name of ['publish-changes', 'tick', 'fire-timers', 'keep-dead-letters'])
      expect(alarms()[`${name}-letters-lost`]).toMatchObject({
        namespace: 'Flotilla',
        metricName: 'DeadLetterNotStored',
        dimensions: { service: name },
      });
    expect(alarms()['tick-missing']).toMatchObject({
      metricName: 'Invocations',
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
    });
  });

  test('a gateway that is not well, and none at all', () => {
    const dimensions = {
      LoadBalancer: expect.stringMatching(/^app\/[^/]+\/\w+$/) as string,
      TargetGroup: expect.stringMatching(/^targetgroup\/[^/]+\/\w+$/) as string,
    };
    expect(alarms()).toMatchObject({
      'gateway-unhealthy': { metricName: 'UnHealthyHostCount', threshold: 0, dimensions },
      'gateway-gone': { metricName: 'HealthyHostCount', threshold: 1, treatMissingData: 'breaching', dimensions },
      'gateway-errors': { metricName: 'HTTPCode_Target_5XX_Count', dimensions },
    });
  });

  test('an address subscribes, or a topic of one’s own is told', () => {
    expect(
      inChina.resources.find(({ type }) => type === 'aws:sns/topicSubscription:TopicSubscription')?.inputs,
    ).toMatchObject({ protocol: 'email', endpoint: 'ops@example.com' });
    expect(atGateway.resources.filter(({ type }) => type === 'aws:sns/topic:Topic')).toEqual([]);
    expect(alarms(atGateway)['dead-letters']).toMatchObject({ alarmActions: [ownTopic] });
  });
});

describe('the API at the gateway', () => {
  test('has no function and no URL of its own: its address is the gateway’s', () => {
    const names = atGateway.resources
      .filter(({ type }) => type === 'aws:lambda/function:Function')
      .map(({ inputs }) => inputs.name);
    expect(names).not.toContain('flotilla-production-api');
    expect(atGateway.resources.filter(({ type }) => type === 'aws:lambda/functionUrl:FunctionUrl')).toEqual([]);
    expect(atGateway.outputs).toMatchObject({
      endpoint: 'https://nodes.example.com',
      nodeEndpoint: 'https://nodes.example.com',
    });
  });

  test('has what it needs: the setting, the endpoint, the role of nodes, and the API’s rights', () => {
    const [task] = atGateway.resources.filter(({ type }) => type === 'aws:ecs/taskDefinition:TaskDefinition');
    const [container] = JSON.parse(task!.inputs.containerDefinitions as string) as {
      environment: { name: string; value: string }[];
    }[];
    expect(Object.fromEntries(container!.environment.map(({ name, value }) => [name, value]))).toMatchObject({
      [variables.api]: 'gateway',
      [variables.endpoint]: 'https://nodes.example.com',
      [variables.nodeRoleArn]: expect.stringContaining(':role/flotilla-production-us-east-1-node') as string,
    });
    const actions = statementsOf(roleOf('gateway', atGateway)).flatMap(({ Action: action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['sts:AssumeRole', 'kms:GenerateDataKey', 'sqs:CreateQueue']));
  });
});

test('in China every ARN and host is of the partition, and the nodes’ role is of the Region', () => {
  const text = JSON.stringify(inChina.resources);
  expect([...text.matchAll(/arn:aws:[^"]*/g)].map(([found]) => found)).toEqual([]);
  expect(text).toContain('arn:aws-cn:dynamodb:cn-north-1');
  expect(text).toContain(`https://sqs.cn-north-1.amazonaws.com.cn/${account}/flotilla-production-gateway-`);
  const node = inChina.resources.find(({ type, name }) => type === 'aws:iam/role:Role' && name === 'NodeRole');
  expect(node?.inputs.name).toBe('flotilla-production-cn-north-1-node');
});

test('files of documents come from the buckets that the operator names, and one function alone reads those', () => {
  const readers = of('aws:iam/role:Role').filter(({ inputs }) =>
    JSON.stringify(inputs).includes('arn:aws:s3:::releases'),
  );
  expect(readers.map(({ name }) => name)).toEqual([expect.stringMatching(/FireTimers|Timers/)]);
  const policies = JSON.stringify(readers[0]!.inputs);
  expect(policies).toContain('arn:aws:s3:::runbooks/*');
});

test('a node may use the service’s bucket and the log groups of documents, and nothing else', () => {
  const { inlinePolicies } = one('aws:iam/role:Role', /^NodeRole$/) as { inlinePolicies: { policy: string }[] };
  const statements = inlinePolicies.flatMap(
    ({ policy }) => (JSON.parse(policy) as { Statement: { Action: string[]; Resource: string[] }[] }).Statement,
  );
  for (const { Action, Resource } of statements) {
    const isLogs = Action.every((action) => action.startsWith('logs:'));
    const onlyLooks = Action.every((action) => action === 'logs:DescribeLogGroups');
    for (const action of Action)
      expect(action).toMatch(isLogs ? /^logs:(CreateLog|PutLogEvents|DescribeLog)/ : /^s3:(Get|Put|Abort)/);
    for (const resource of Resource)
      expect(resource).toMatch(
        onlyLooks
          ? /^arn:aws:logs:.*:log-group:\*$/
          : isLogs
            ? /^arn:aws:logs:.*:log-group:\/aws\/ssm\/\*$/
            : /^arn:aws:s3:::flotilla-production-filesbucket/,
      );
  }
});

describe('doors', () => {
  test('the API answers at a URL whose callers it verifies itself', () => {
    expect(one('aws:lambda/functionUrl:FunctionUrl')).toMatchObject({
      authorizationType: 'NONE',
      functionName: 'flotilla-production-api',
    });
    expect(synthesis.outputs).toMatchObject({
      endpoint: 'https://abcdefghij.lambda-url.us-east-1.on.aws',
      nodeEndpoint: 'https://nodes.example.com',
    });
  });

  test('the gateway stands behind TLS, is checked, and its quiet connections are left alone', () => {
    expect(one('aws:lb/listener:Listener', /443/)).toMatchObject({ port: 443, protocol: 'HTTPS' });
    expect(one('aws:lb/targetGroup:TargetGroup')).toMatchObject({
      port: 8080,
      protocol: 'HTTP',
      healthCheck: { path: '/health' },
    });
    expect(one('aws:lb/loadBalancer:LoadBalancer')).toMatchObject({ idleTimeout: 3600, internal: false });
    expect(one('docker-build:index:Image')).toMatchObject({ context: { location: path.join(root, 'dist/gateway') } });
  });

  test('every function and the gateway are told what they read', () => {
    const told = [
      ...of('aws:lambda/function:Function').map(
        ({ inputs }) => [inputs.name, Object.keys((inputs.environment as { variables: object }).variables)] as const,
      ),
      ...of('aws:ecs/taskDefinition:TaskDefinition').map(
        ({ inputs }) =>
          [
            'gateway',
            (JSON.parse(inputs.containerDefinitions as string) as { environment: { name: string }[] }[]).flatMap(
              ({ environment }) => environment.map(({ name }) => name),
            ),
          ] as const,
      ),
    ];
    for (const [name, names] of told) {
      const isApi = String(name).endsWith('-api');
      const others: string[] = [isApi ? variables.endpoint : variables.nodeRoleArn];
      if (name !== 'gateway') others.push(variables.api);
      for (const variable of Object.values(variables))
        if (!others.includes(variable)) expect(names, String(name)).toContain(variable);
    }
  });
});

describe('what is refused', () => {
  // A repository of its own, so that the real dist/ stays as it is.
  const copy = mkdtempSync(path.join(root, '.sst', 'repository-'));
  beforeAll(() => {
    for (const name of ['sst.config.ts', 'package.json', 'stacks', 'events', 'core', 'dist'])
      cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
    for (const name of ['node_modules', '.sst']) symlinkSync(path.join(root, name), path.join(copy, name));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test('a bundle that has not been built', async () => {
    rmSync(path.join(copy, 'dist/functions/tick'), { recursive: true });
    await expect(synthesize({ root: copy, stage: 'test', env })).rejects.toThrow(
      /dist\/functions\/tick is not there: run `npm run build` first/,
    );
  });

  test('a gateway without a domain', async () => {
    await expect(synthesize({ root: copy, stage: 'test', env: { FLOTILLA_GATEWAY_DOMAIN: '' } })).rejects.toThrow(
      /Set FLOTILLA_GATEWAY_DOMAIN/,
    );
  });

  test('an API that somebody else would serve', async () => {
    await expect(synthesize({ root: copy, stage: 'test', env: { ...env, FLOTILLA_API: 'both' } })).rejects.toThrow(
      /FLOTILLA_API must be function or gateway: both/,
    );
  });

  test('a route whose handler is missing: the build fails', async () => {
    const dist = path.join(copy, 'dist-missing');
    const broken = plans([
      { name: 'nowhere', on: { detailTypes: ['Test'] }, run: 'functions/clock/no-such.handler' },
    ]).slice(0, 1);
    await expect(buildBundles({ plans: broken, dist })).rejects.toThrow(/no-such/);
    const unexported = plans([
      { name: 'nowhere', on: { detailTypes: ['Test'] }, run: 'functions/clock/fire-timer.handler' },
    ]).slice(0, 1);
    await expect(buildBundles({ plans: unexported, dist })).rejects.toThrow(/No matching export/);
    expect(existsSync(path.join(dist, 'functions/nowhere/index.mjs'))).toBe(false);
  });
});
