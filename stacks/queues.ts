/** The queues: timers on their way, events that a function gave up on, changes that could not be published. */
export function queues() {
  const deadLetters = new sst.aws.Queue('DeadLetters', {
    visibilityTimeout: '90 seconds',
    transform: { queue: { messageRetentionSeconds: twoWeeks } },
  });
  // What is lost here the next tick sends again: nothing to keep.
  const timers = new sst.aws.Queue('Timers', { visibilityTimeout: '90 seconds' });
  // Names of stream records, not the records: for an operator to look into.
  const unpublished = new sst.aws.Queue('UnpublishedChanges', {
    transform: { queue: { messageRetentionSeconds: twoWeeks } },
  });
  return { deadLetters, timers, unpublished };
}

/** Seconds: the longest that SQS keeps a message. */
const twoWeeks = 14 * 24 * 3600;
