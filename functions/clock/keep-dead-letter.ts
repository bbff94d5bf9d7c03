/** Keeps what Lambda gave up on, on AWS: an event that a route's function failed at, three times. */
import type { Context } from '../../core/context.ts';
import { keepDeadLetter } from '../../core/dead-letters.ts';
import { outgoing, withOwnId } from '../../core/event-envelope.ts';
import { isOutgoingEvent, type EventBridgeEvent, type OutgoingEvent } from '../../core/events.ts';
import { routes } from '../../events/routes.ts';

/** What Lambda sends to a function's on-failure destination, as far as it is read here. */
export interface FailedInvocation {
  readonly timestamp: string;
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: string;
    readonly approximateInvokeCount: number;
  };
  readonly requestPayload: EventBridgeEvent;
  readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string } | null;
}

/** Woken by the queue `dead-letters`, once for each message. A message that is none of these is kept as it is. */
export async function handler(failed: FailedInvocation, context: Context): Promise<void> {
  const { requestContext, responsePayload } = failed;
  const event = readEvent(failed);
  if (event === undefined) return keepUnread(failed, context);
  const error =
    responsePayload?.errorMessage === undefined
      ? requestContext.condition
      : `${responsePayload.errorType ?? 'Error'}: ${responsePayload.errorMessage}`;
  const route = routeOf(requestContext.functionArn);
  context.log.error('an event was given up', { route, event: event.id, error });
  await keepDeadLetter(
    {
      kind: 'event',
      // The message may come twice: the same letter then.
      id: requestContext.requestId,
      route,
      event,
      failedAt: Date.parse(failed.timestamp),
      attempts: requestContext.approximateInvokeCount,
      error,
    },
    context,
  );
}

/** The event that failed, its source as it was posted. */
function readEvent({ requestPayload, requestContext, timestamp }: FailedInvocation): OutgoingEvent | undefined {
  try {
    const event = outgoing(withOwnId(requestPayload));
    const isWhole = isOutgoingEvent(event) && Number.isFinite(event.time);
    return isWhole && requestContext.functionArn !== undefined && !Number.isNaN(Date.parse(timestamp))
      ? event
      : undefined;
  } catch {
    return undefined;
  }
}

async function keepUnread(message: object, context: Context): Promise<void> {
  const error = 'a message of the dead letters’ queue that cannot be read';
  context.log.error(error);
  const failedAt = context.clock.now();
  await keepDeadLetter(
    { kind: 'record', id: context.ids.uuid(), text: JSON.stringify(message), failedAt, attempts: 1, error },
    context,
  );
}

/**
 * A function is called after its route:
 * `arn:aws:lambda:us-east-1:123456789012:function:flotilla-prod-record-patch-scan:$LATEST`.
 */
function routeOf(functionArn: string): string {
  const name = functionArn.split(':')[6] ?? '';
  const fitting = routes.map((route) => route.name).filter((route) => name.endsWith(`-${route}`));
  return fitting.sort((one, other) => other.length - one.length)[0] ?? name;
}
