/** CloudWatch alarms for problems that a person should look at, and the topic that reports them. */
import { routes } from '../events/routes';
import type { Ground } from './bundle';

/** Seconds. */
const minute = 60;

interface AlarmOptions {
  /** What the alarm means and what to do, for the person who gets the message. */
  readonly says: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Record<string, $util.Input<string>>;
  readonly statistic: 'Sum' | 'Maximum' | 'Minimum';
  /** Alarms when the statistic is above this, or with `below` under it. */
  readonly above?: number;
  readonly below?: number;
  /** The number of periods in a row; default 1. */
  readonly periods?: number;
  /** Seconds; default five minutes. */
  readonly period?: number;
  /** Missing data causes an alarm too. */
  readonly orNothing?: true;
}

/**
 * @param gateway the service and its load balancer
 * @param functions the names of all functions, without the app and the stage
 */
export function alarms(
  { queues, table }: Ground,
  functions: readonly string[],
  gateway: { readonly service: $util.Output<aws.ecs.Service>; readonly loadBalancer: aws.lb.LoadBalancer },
): { readonly topic: $util.Input<string> } {
  const topic = alarmTopic();
  const alarm = (name: string, options: AlarmOptions): void => {
    const { above, below = 0, says, metric, periods = 1, period = 5 * minute, orNothing } = options;
    new aws.cloudwatch.MetricAlarm(`${name}Alarm`, {
      name: `${$app.name}-${$app.stage}-${name}`,
      alarmDescription: says,
      namespace: options.namespace,
      metricName: metric,
      dimensions: options.dimensions,
      statistic: options.statistic,
      comparisonOperator: above === undefined ? 'LessThanThreshold' : 'GreaterThanThreshold',
      threshold: above ?? below,
      evaluationPeriods: periods,
      period,
      treatMissingData: orNothing === true ? 'breaching' : 'notBreaching',
      alarmActions: [topic],
      okActions: [topic],
    });
  };
  ofQueues(alarm, queues, table);
  for (const name of functions) ofFunction(alarm, name);
  ofGateway(alarm, gateway);
  return { topic };
}

type Alarm = (name: string, options: AlarmOptions) => void;

/**
 * The operator's own topic, by its ARN, or one of ours. An address subscribes to ours once its owner confirms the mail.
 */
function alarmTopic(): $util.Input<string> {
  const own = process.env.FLOTILLA_ALARM_TOPIC;
  if (own !== undefined && own !== '') return own;
  const topic = new aws.sns.Topic('Alarms', { name: `${$app.name}-${$app.stage}-alarms` });
  const email = process.env.FLOTILLA_ALARM_EMAIL;
  if (email !== undefined && email !== '')
    new aws.sns.TopicSubscription('AlarmsByMail', { topic: topic.arn, protocol: 'email', endpoint: email });
  return topic.arn;
}

function ofQueues(alarm: Alarm, queues: Ground['queues'], table: Ground['table']): void {
  const queue = (of: sst.aws.Queue, metric: string) => ({
    namespace: 'AWS/SQS',
    metric,
    dimensions: { QueueName: of.nodes.queue.name },
    statistic: 'Maximum' as const,
  });
  alarm('dead-letters', {
    says: 'Events or timers were given up. `flotilla dead-letters` lists and replays them.',
    namespace: 'Flotilla',
    metric: 'DeadLetters',
    dimensions: { service: 'dead-letters', table: table.name },
    statistic: 'Sum',
    above: 0,
  });
  alarm('dead-letters-queue', {
    says: 'Events that were given up are not kept as dead letters: look at the function keep-dead-letters.',
    ...queue(queues.deadLetters, 'ApproximateAgeOfOldestMessage'),
    above: 10 * minute,
  });
  alarm('unpublished-changes', {
    says: 'Changes of the table could not be published. The queue names their records in the stream.',
    ...queue(queues.unpublished, 'ApproximateNumberOfMessagesVisible'),
    above: 0,
  });
  alarm('timers-queue', {
    says: 'Timers fire late: look at the function fire-timers.',
    ...queue(queues.timers, 'ApproximateNumberOfMessagesVisible'),
    above: 1000,
    periods: 3,
  });
}

/** The functions that keep dead letters. */
const writesDeadLetters: ReadonlySet<string> = new Set(['publish-changes', 'tick', 'fire-timers', 'keep-dead-letters']);

function ofFunction(alarm: Alarm, name: string): void {
  const dimensions = { FunctionName: `${$app.name}-${$app.stage}-${name}` };
  const lambda = { namespace: 'AWS/Lambda', dimensions };
  alarm(`${name}-errors`, {
    says: `The function ${name} failed. Its log says why.`,
    ...lambda,
    metric: 'Errors',
    statistic: 'Sum',
    above: 0,
  });
  alarm(`${name}-throttles`, {
    says: `More calls of the function ${name} came than may run at once (docs/deploy.md, “Limits”).`,
    ...lambda,
    metric: 'Throttles',
    statistic: 'Sum',
    above: 0,
  });
  if (name === 'publish-changes')
    alarm('publish-changes-late', {
      says: 'Changes wait for more than five minutes to be published: events come late, and timers that are near.',
      ...lambda,
      metric: 'IteratorAge',
      statistic: 'Maximum',
      // Milliseconds.
      above: 5 * minute * 1000,
    });
  if (writesDeadLetters.has(name))
    alarm(`${name}-letters-lost`, {
      says: `The function ${name} gave something up and could not keep it as a dead letter. Its log has the text.`,
      namespace: 'Flotilla',
      metric: 'DeadLetterNotStored',
      dimensions: { service: name },
      statistic: 'Sum',
      above: 0,
    });
  // Without ticks nothing that is due is done.
  if (routes.some((route) => route.name === name && 'schedule' in route.on))
    alarm(`${name}-missing`, {
      says: `The function ${name} did not run, although its schedule wants it.`,
      ...lambda,
      metric: 'Invocations',
      statistic: 'Sum',
      below: 1,
      orNothing: true,
    });
}

function ofGateway(
  alarm: Alarm,
  {
    service,
    loadBalancer,
  }: { readonly service: $util.Output<aws.ecs.Service>; readonly loadBalancer: aws.lb.LoadBalancer },
): void {
  const balancer = loadBalancer.arn.apply((arn) => arn.split(':loadbalancer/')[1] ?? '');
  const target = service.loadBalancers.apply((all) => all?.[0]?.targetGroupArn?.split(':').at(-1) ?? '');
  const hosts = {
    namespace: 'AWS/ApplicationELB',
    dimensions: { LoadBalancer: balancer, TargetGroup: target },
    period: minute,
  };
  alarm('gateway-unhealthy', {
    says: 'Tasks of the gateway do not answer the load balancer.',
    ...hosts,
    metric: 'UnHealthyHostCount',
    statistic: 'Maximum',
    above: 0,
    periods: 5,
  });
  alarm('gateway-gone', {
    says: 'No task of the gateway runs: no node is reached.',
    ...hosts,
    metric: 'HealthyHostCount',
    statistic: 'Minimum',
    below: 1,
    periods: 3,
    orNothing: true,
  });
  alarm('gateway-errors', {
    says: 'The gateway answered calls with errors of its own. Its log says why.',
    ...hosts,
    period: 5 * minute,
    metric: 'HTTPCode_Target_5XX_Count',
    statistic: 'Sum',
    above: 0,
  });
}
