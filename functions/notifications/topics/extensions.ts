/** `/x/topics`: what `flotilla topics` calls. */
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import type { Extension, Extensions } from '../../../core/extensions.ts';
import type { SubscriptionBody } from './store.ts';
import { topicArn } from './topic-arn.ts';
import { createTopic, deleteTopic, listSubscriptions, listTopics, subscribe, unsubscribe } from './topics.ts';

const shown = ({ id, url, format, createdAt, failures = 0 }: SubscriptionBody) => ({
  Id: id,
  Url: url,
  Format: format,
  CreatedAt: new Date(createdAt).toISOString(),
  Failures: failures,
});

/** On AWS topics are SNS's, and SNS has its own tools. */
const ofOurOwn =
  (run: Extension['run']): Extension['run'] =>
  (request, context) => {
    if (context.topics !== undefined)
      throw new ValidationException('Here topics are those of Amazon SNS: make them there (aws sns create-topic).');
    return run(request, context);
  };

export const extensions: Extensions = {
  /** `{ "Topics": [{ TopicArn, Name, CreatedAt }], "NextToken"? }`, by name. */
  'GET /x/topics': {
    roles: ['admin', 'operator', 'viewer'],
    run: ofOurOwn(async ({ query }, context) => {
      const { topics, nextToken } = await listTopics(context, query.get('NextToken'));
      return {
        Topics: topics.map(({ name, createdAt }) => ({
          TopicArn: topicArn(context, name),
          Name: name,
          CreatedAt: new Date(createdAt).toISOString(),
        })),
        ...(nextToken === undefined ? {} : { NextToken: nextToken }),
      };
    }),
  },
  /** `{ "Name" }` → `{ "TopicArn" }` */
  'POST /x/topics': {
    roles: ['admin', 'operator'],
    run: ofOurOwn(async ({ body }, context) => ({ TopicArn: await createTopic(membersOf(body).Name, context) })),
  },
  'DELETE /x/topics/{name}': {
    roles: ['admin', 'operator'],
    run: ofOurOwn(async ({ path: { name = '' } }, context) => {
      await deleteTopic(name, context);
      return {};
    }),
  },
  /** A webhook's URL is often a secret, so viewers may not see it. */
  'GET /x/topics/{name}/subscriptions': {
    roles: ['admin', 'operator'],
    run: ofOurOwn(async ({ path: { name = '' } }, context) => ({
      Subscriptions: (await listSubscriptions(name, context)).map(shown),
    })),
  },
  /** `{ "Url", "Format"?: "raw" | "sns" }` → the subscription with its `Secret`, which is shown only once. */
  'POST /x/topics/{name}/subscriptions': {
    roles: ['admin', 'operator'],
    secret: ['Url'],
    run: ofOurOwn(async ({ path: { name = '' }, body }, context) => subscribed(name, membersOf(body), context)),
  },
  'DELETE /x/topics/{name}/subscriptions/{id}': {
    roles: ['admin', 'operator'],
    run: ofOurOwn(async ({ path: { name = '', id = '' } }, context) => {
      await unsubscribe(name, id, context);
      return {};
    }),
  },
};

interface Members {
  readonly Name?: unknown;
  readonly Url?: unknown;
  readonly Format?: unknown;
}

function membersOf(body: unknown): Members {
  return body ?? {};
}

async function subscribed(
  topic: string,
  { Url: url, Format: format = 'raw' }: Members,
  context: Context,
): Promise<object> {
  if (typeof url !== 'string') throw new ValidationException('Url must be an http or https URL.');
  if (format !== 'raw' && format !== 'sns') throw new ValidationException('Format must be raw or sns.');
  const { subscription, secret } = await subscribe(topic, { url, format }, context);
  return { ...shown(subscription), SubscriptionArn: `${topicArn(context, topic)}:${subscription.id}`, Secret: secret };
}
