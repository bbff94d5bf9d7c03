/** The queues: timers, events whose function failed, changes that could not be published. */
export function queues() {
  const deadLetters = new sst.aws.Queue('DeadLetters', {
    visibilityTimeout: '90 seconds',
    transform: { queue: { messageRetentionSeconds: twoWeeks } },
  });
  // Lost messages are sent again by the next tick, so there is no dead-letter queue.
  const timers = new sst.aws.Queue('Timers', { visibilityTimeout: '90 seconds' });
  // It has references to stream records, not the records themselves, for an operator to look at.
  const unpublished = new sst.aws.Queue('UnpublishedChanges', {
    transform: { queue: { messageRetentionSeconds: twoWeeks } },
  });
  return { deadLetters, timers, unpublished };
}

/** Seconds: the longest time that SQS keeps a message. */
const twoWeeks = 14 * 24 * 3600;
