/** From the table's stream to the bus and the timers' queue. */
import { functionOf, type Ground } from './bundle';

/** @param endpoint how people reach the API */
export function changes(ground: Ground, endpoint: $util.Input<string>): void {
  const { table, queues } = ground;
  table.subscribe(
    'PublishChanges',
    functionOf(ground, 'publish-changes', {
      endpoint,
      // Lambda itself sends there, in the function's name.
      permissions: [{ actions: ['sqs:SendMessage'], resources: [queues.unpublished.arn] }],
    }),
    {
      filters: [
        // Only writes that carry events: a heart-beat wakes nobody.
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { _events: { S: [{ exists: true }] } } } },
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { pk: { S: [{ prefix: 'OUTBOX#' }] } } } },
        // A timer may fall due before the next tick comes.
        { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { pk: { S: [{ prefix: 'TIMER#' }] } } } },
      ],
      transform: {
        eventSourceMapping: (args) => {
          args.startingPosition = 'TRIM_HORIZON';
          args.batchSize = 100;
          args.parallelizationFactor = 4;
          args.functionResponseTypes = ['ReportBatchItemFailures'];
          args.bisectBatchOnFunctionError = true;
          // The stream itself forgets after a day.
          args.maximumRecordAgeInSeconds = 24 * 3600;
          args.destinationConfig = { onFailure: { destinationArn: queues.unpublished.arn } };
        },
      },
    },
  );
}
