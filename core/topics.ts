/** The Topics port: SNS, on AWS. Elsewhere a topic is a list of webhooks (functions/notifications). */
export interface Topics {
  /**
   * Publishes a text, at least once when it resolves.
   * @param id of the message: a FIFO topic takes it once within five minutes. Up to 128 characters
   * @throws when SNS does not take it
   */
  publish(topicArn: string, message: string, id: string): Promise<void>;
}
