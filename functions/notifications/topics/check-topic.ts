/** Whether a message can be sent to a topic, before somebody relies on it. */
import type { Context } from '../../../core/context.ts';
import { parseTopicArn } from './topic-arn.ts';
import { topicExists } from './topics.ts';

/**
 * @returns why it cannot, in words for the caller; undefined where it can. Of SNS only the ARN's form is known
 * before something is published
 */
export async function whyNoTopic(arn: string, context: Context): Promise<string | undefined> {
  const parts = parseTopicArn(arn);
  if (parts === undefined) return `${arn} is not the ARN of an SNS topic.`;
  if (context.topics !== undefined) return undefined;
  if (parts.region !== context.region || parts.account !== context.account)
    return `The topic ${arn} is of another account or Region.`;
  return (await topicExists(parts.name, context))
    ? undefined
    : `There is no topic ${parts.name}; flotilla topics create makes one.`;
}
