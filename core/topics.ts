/** The Topics port: SNS, on AWS. Elsewhere a topic is a list of webhooks (functions/notifications). */
export interface Topics {
  /**
   * Publishes a text, at least once when it resolves.
   * @throws when SNS does not take it
   */
  publish(topicArn: string, message: string): Promise<void>;
}
