/** From the table's stream to the bus and the timers' queue. */
import { functionOf, type Ground } from './bundle';

/** @param endpoint the URL of the API */
export function changes(ground: Ground, endpoint: $util.Input<string>): void {
  const { table, queues } = ground;
  table.subscribe(
    'PublishChanges',
    functionOf(ground, 'publish-changes', {
      endpoint,
      // Lambda itself sends to this queue, with the function's rights.
      permissions: [{ actions: ['sqs:SendMessage'], resources: [queues.unpublished.arn] }],
    }),
    {
      filters: [
        // Only writes with events: a heart-beat starts no function.
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { _events: { S: [{ exists: true }] } } } },
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { pk: { S: [{ prefix: 'OUTBOX#' }] } } } },
        // A timer may be due before the next tick.
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { pk: { S: [{ prefix: 'TIMER#' }] } } } },
      ],
      transform: {
        eventSourceMapping: (args) => {
          args.startingPosition = 'TRIM_HORIZON';
          args.batchSize = 100;
          args.parallelizationFactor = 4;
          args.functionResponseTypes = ['ReportBatchItemFailures'];
          args.bisectBatchOnFunctionError = true;
          // A record comes again only while the table can be neither read nor written, or when the function is killed.
          // Then the batch is halved until the record is alone: a hundred records take seven halvings.
          args.maximumRetryAttempts = 50;
          args.maximumRecordAgeInSeconds = 3600;
          args.destinationConfig = { onFailure: { destinationArn: queues.unpublished.arn } };
        },
      },
    },
  );
}
