/** Keeps what Lambda gave up on, on AWS: an event that a route's function failed at, three times. */
import type { Context } from '../../core/context.ts';
import { putDeadLetter } from '../../core/dead-letters.ts';
import { sourceOfWriter, withOwnId } from '../../core/event-envelope.ts';
import type { EventBridgeEvent } from '../../core/events.ts';
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

/** Woken by the queue `dead-letters`, once for each message. */
export async function handler(failed: FailedInvocation, context: Context): Promise<void> {
  const { requestContext, responsePayload } = failed;
  const event = withOwnId(failed.requestPayload);
  const source = sourceOfWriter(event);
  const failedAt = Date.parse(failed.timestamp);
  const error =
    responsePayload?.errorMessage === undefined
      ? requestContext.condition
      : `${responsePayload.errorType ?? 'Error'}: ${responsePayload.errorMessage}`;
  const route = routeOf(requestContext.functionArn);
  context.log.error('an event was given up', { route, event: event.id, error });
  await context.state.write(
    putDeadLetter({
      kind: 'event',
      // The message may come twice: the same letter then.
      id: requestContext.requestId,
      route,
      event: {
        id: event.id,
        detailType: event['detail-type'],
        // Another service's event is published again in its name: its route would not take it in ours.
        ...(source === undefined ? {} : { source }),
        time: Date.parse(event.time),
        resources: event.resources,
        detail: event.detail,
      },
      failedAt,
      attempts: requestContext.approximateInvokeCount,
      error,
    }),
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
