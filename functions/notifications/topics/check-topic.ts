/** Whether a message can be sent to a topic, checked before a request that needs it is accepted. */
import type { Context } from '../../../core/context.ts';
import { parseTopicArn } from './topic-arn.ts';
import { topicExists } from './topics.ts';

/**
 * @returns why it cannot, as a sentence for the caller; undefined where it can. Of an SNS topic only the form of the
 * ARN can be checked before something is published
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
