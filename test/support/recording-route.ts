/** A route of a test's own that keeps what it is given. */
import type { EventBridgeEvent } from '../../core/events.ts';
import type { Trigger } from '../../events/routes.ts';
import type { WiredRoute } from '../../local/dispatcher.ts';

export interface Recording {
  readonly route: WiredRoute;
  /** In the order of delivery; an event may come twice. */
  readonly events: EventBridgeEvent[];
}

/** @param refuse throws to refuse an event; it is recorded only when this does not */
export function recordingRoute(
  on: Trigger,
  {
    name = 'recording',
    refuse,
  }: { readonly name?: string; readonly refuse?: (event: EventBridgeEvent) => Promise<void> | void } = {},
): Recording {
  const events: EventBridgeEvent[] = [];
  return {
    events,
    route: {
      name,
      on,
      handler: async (event) => {
        await refuse?.(event);
        events.push(event);
      },
    },
  };
}
