/** The Topics port: SNS, on AWS. Locally a topic is a list of webhooks (functions/notifications). */
export interface Topics {
  /**
   * Publishes a text; it was published at least once when this resolves.
   * @param id of the message, up to 128 characters: a FIFO topic takes each id once within five minutes
   * @throws when SNS does not take it
   */
  publish(topicArn: string, message: string, id: string): Promise<void>;
}
