/** Flotilla's own topics and their webhook subscriptions: made, listed and deleted. */
import { randomBytes } from 'node:crypto';
import type { Context } from '../../../core/context.ts';
import { ValidationException } from '../../../core/errors.ts';
import { decodeToken, encodeToken } from '../../../core/pagination.ts';
import { conflictAs, retryOnConflict } from '../../../core/retry-on-conflict.ts';
import { ConditionFailed } from '../../../core/state.ts';
import { ResourceNotFoundException } from '../errors.ts';
import {
  readSubscriptions,
  secretPurpose,
  subscriptionKey,
  topicKey,
  topicsPartition,
  type SubscriptionBody,
  type TopicBody,
  type WebhookFormat,
} from './store.ts';
import { checkTopicName, topicArn } from './topic-arn.ts';

const pageSize = 100;
const tokenPurpose = 'topics';
/** Each subscription costs a delivery for each message, and all are deleted with their topic in one transaction. */
const mostSubscriptions = 50;

/** Makes a topic. An existing one is no error, as with SNS. @returns its ARN */
export async function createTopic(name: unknown, context: Context): Promise<string> {
  const checked = checkTopicName(name);
  try {
    await context.state.write({
      put: topicKey(checked),
      body: { name: checked, createdAt: context.clock.now() } satisfies TopicBody,
      when: { row: 'absent' },
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
  return topicArn(context, checked);
}

export async function listTopics(
  context: Context,
  nextToken: string | null,
): Promise<{ topics: TopicBody[]; nextToken?: string }> {
  const after =
    nextToken === null || nextToken === ''
      ? undefined
      : (await decodeToken<{ after: string }>(context, nextToken, tokenPurpose)).after;
  const { rows, next } = await context.state.query<TopicBody>({ pk: topicsPartition, limit: pageSize, after });
  return {
    topics: rows.map((row) => row.body),
    ...(next === undefined ? {} : { nextToken: await encodeToken(context, { after: next }, tokenPurpose) }),
  };
}

export async function topicExists(name: string, context: Context): Promise<boolean> {
  return (await context.state.get(topicKey(name))) !== undefined;
}

/** Deletes a topic with its subscriptions. @throws ResourceNotFoundException */
export async function deleteTopic(name: string, context: Context): Promise<void> {
  await retryOnConflict(async () => {
    await checkTopic(name, context);
    const subscriptions = await readSubscriptions(context.state, name);
    await context.state.transact([
      { delete: topicKey(name), when: { row: 'present' } },
      ...subscriptions.map(({ pk, sk }) => ({ delete: { pk, sk } })),
    ]);
  }, context);
}

export interface NewSubscription {
  readonly url: string;
  readonly format: WebhookFormat;
}

/**
 * Subscribes a webhook.
 * @returns the subscription, and the secret that signs its deliveries, which is shown only once
 * @throws ResourceNotFoundException, ValidationException
 */
export async function subscribe(
  topic: string,
  { url, format }: NewSubscription,
  context: Context,
): Promise<{ subscription: SubscriptionBody; secret: string }> {
  checkUrl(url);
  await checkTopic(topic, context);
  if ((await readSubscriptions(context.state, topic)).length >= mostSubscriptions)
    throw new ValidationException(`A topic has at most ${mostSubscriptions} subscriptions.`);
  const id = context.ids.uuid();
  const secret = randomBytes(32).toString('base64url');
  const subscription: SubscriptionBody = {
    id,
    topic,
    url,
    format,
    secret: await context.keys.encrypt(Buffer.from(secret), secretPurpose({ topic, id })),
    createdAt: context.clock.now(),
  };
  await context.state.transact([
    { check: topicKey(topic), when: { row: 'present' } },
    { put: subscriptionKey(topic, id), body: subscription },
  ]);
  return { subscription, secret };
}

/** @throws ResourceNotFoundException */
export async function listSubscriptions(topic: string, context: Context): Promise<SubscriptionBody[]> {
  await checkTopic(topic, context);
  return (await readSubscriptions(context.state, topic)).map((row) => row.body);
}

/** Ends a subscription. The next delivery attempt deletes what still waits for it. @throws ResourceNotFoundException */
export async function unsubscribe(topic: string, id: string, context: Context): Promise<void> {
  await conflictAs(
    context.state.write({ delete: subscriptionKey(topic, id === '' ? '-' : id), when: { row: 'present' } }),
    () => new ResourceNotFoundException(`The topic ${topic} has no subscription ${id}.`),
  );
}

async function checkTopic(name: string, context: Context): Promise<void> {
  if (!(await topicExists(checkTopicName(name), context)))
    throw new ResourceNotFoundException(`There is no topic ${name}.`);
}

function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || url.length > 2048)
    throw new ValidationException('Url must be an http or https URL.');
  if (parsed.username !== '' || parsed.password !== '')
    throw new ValidationException('Url must not hold a name or a password: deliveries are signed instead.');
}
