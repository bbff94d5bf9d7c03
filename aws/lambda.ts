/**
 * The one wrapper of every Lambda entry: middy around Powertools' logger, metrics and tracer. Rooms export
 * plain functions; scripts/build.ts makes an entry of each with one of the functions here.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import type { Context as LambdaContext, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { within } from '../core/deadline.ts';
import { withOwnId } from '../core/event-envelope.ts';
import type { EventBridgeEvent, EventHandler } from '../core/events.ts';
import type { QueueHandler } from '../core/queue.ts';
import { awsContext, type AwsContext } from './context.ts';
import { powertoolsLog } from './log.ts';

export type LambdaHandler<Event, Result> = (event: Event, lambda: LambdaContext) => Promise<Result>;

/** Milliseconds before Lambda's limit at which a function must be done, so that its answer still goes out. */
const answerTakes = 2_000;

/**
 * Wraps a function for Lambda.
 * @param name what runs: a route's name, `api`, `publish-changes`
 * @param run given the event as AWS delivers it; what it throws fails the invocation
 */
export function entry<Event, Result>(
  name: string,
  run: (event: Event, context: AwsContext) => Promise<Result>,
): LambdaHandler<Event, Result> {
  const logger = new Logger({ serviceName: name });
  const metrics = new Metrics({ namespace: 'Flotilla', serviceName: name });
  const tracer = new Tracer({ serviceName: name });
  const log = powertoolsLog(logger, (metric) => metrics.addMetric(metric, MetricUnit.Count, 1));
  const handler = async (event: Event, lambda: LambdaContext): Promise<Result> => {
    const deadline = { remaining: () => lambda.getRemainingTimeInMillis() - answerTakes };
    const context = awsContext(log, deadline);
    const began = performance.now();
    try {
      const result = await run(event, context);
      metrics.addMetric('Succeeded', MetricUnit.Count, 1);
      return result;
    } catch (error) {
      metrics.addMetric('Failed', MetricUnit.Count, 1);
      throw error;
    } finally {
      metrics.addMetric('Duration', MetricUnit.Milliseconds, performance.now() - began);
      // What is still on its way would freeze with the function. An answer that is ready must not be lost for it.
      const settled = context.background.settled().then(() => context.mailbox.settled());
      if (!(await within(deadline.remaining(), settled)))
        log.warn('work was left when the time was over; timers and gateways will do it');
    }
  };
  return middy<Event, Result>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .handler(handler);
}

/** A route that a schedule wakes: its event says nothing. */
export function scheduleEntry(
  name: string,
  run: (event: unknown, context: AwsContext) => Promise<void>,
): LambdaHandler<unknown, void> {
  return entry(name, run);
}

/** A route that an event wakes. */
export function eventEntry(name: string, run: EventHandler<never>): LambdaHandler<EventBridgeEvent, void> {
  return entry(name, (event, context) => {
    const own = withOwnId(event);
    return (run as EventHandler)(own, {
      ...context,
      log: context.log.with({ event: own.id, detailType: own['detail-type'] }),
    });
  });
}

/** A route that a queue wakes: each message by itself; those that fail come again. */
export function queueEntry(name: string, run: QueueHandler<never>): LambdaHandler<SQSEvent, SQSBatchResponse> {
  return entry(name, async ({ Records: records }, context) => {
    const results = await Promise.allSettled(
      records.map(async ({ body, messageId }) =>
        (run as QueueHandler)(JSON.parse(body) as object, {
          ...context,
          // `message` is the name of the text itself: Powertools would drop the id.
          log: context.log.with({ messageId }),
        }),
      ),
    );
    const failed = records.filter((record, place) => {
      const result = results[place];
      if (result?.status === 'rejected')
        context.log.error('a message failed', { messageId: record.messageId, error: result.reason as unknown });
      return result?.status === 'rejected';
    });
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });
}
