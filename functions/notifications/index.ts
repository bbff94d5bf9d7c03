/** What other rooms may call. */
export { whyNoTopic } from './topics/check-topic.ts';
export { topicMessage } from './topics/topic-message.ts';
