/**
 * `POST /x/events`: events of others, in EventBridge's envelope, such as an alarm's. They reach whatever waits for
 * them (events/routes.ts) as if AWS had delivered them.
 */
import type { Context } from '../../core/context.ts';
import { ValidationException } from '../../core/errors.ts';
import { eventFault } from '../../core/event-limits.ts';
import type { OutgoingEvent } from '../../core/events.ts';
import type { Extensions } from '../../core/extensions.ts';
import { ConditionFailed, StateLimitExceeded, type Put } from '../../core/state.ts';
import { alarmWrites } from '../alarms/index.ts';

/** As for EventBridge's PutEvents. */
const mostEvents = 10;
/** Seconds in which an event that is posted again with its id counts once. */
const remembered = 24 * 3600;

export const eventExtensions: Extensions = {
  /**
   * One event, or `{ "Events": [...] }`; answers `{ "Events": [{ "Id" }] }` once they are durable. @throws
   * ValidationException
   */
  'POST /x/events': {
    roles: ['admin', 'operator'],
    run: async ({ body }, context) => {
      const events = listOf(body).map((event, index) => readEvent(event, index, context));
      for (const event of events) await takeIn(event, context);
      return { Events: events.map(({ id }) => ({ Id: id })) };
    },
  },
};

function listOf(body: unknown): readonly unknown[] {
  const { Events: events = [body] } = (body ?? {}) as { readonly Events?: unknown };
  if (!Array.isArray(events) || events.length === 0 || events.length > mostEvents)
    throw new ValidationException(`Events must be a list of 1 to ${mostEvents} events.`);
  return events;
}

function readEvent(value: unknown, index: number, context: Context): OutgoingEvent & { readonly source: string } {
  const wrong = (what: string): never => {
    throw new ValidationException(`Event ${index + 1}: ${what}`);
  };
  const event = (typeof value === 'object' ? (value ?? {}) : {}) as Readonly<Record<string, unknown>>;
  const { source, detail, resources = [], id = context.ids.uuid(), time } = event;
  const detailType = event['detail-type'];
  if (typeof source !== 'string' || !/^[\w.-]{1,256}$/.test(source))
    return wrong('source must be a text such as aws.cloudwatch.');
  // Only Flotilla itself may send events with its own sources.
  if (/^(aws\.ssm|flotilla)\b/.test(source)) return wrong(`${source} is Flotilla’s own.`);
  if (typeof detailType !== 'string') return wrong('detail-type must be a text of 1 to 128 characters.');
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return wrong('detail must be an object.');
  if (!Array.isArray(resources) || !resources.every((one) => typeof one === 'string'))
    return wrong('resources must be a list of ARNs.');
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return wrong('id must be 1 to 64 letters, digits, - or _.');
  const at = time === undefined ? context.clock.now() : typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return wrong('time must be an ISO 8601 time.');
  const read = { id, source, detailType, time: at, resources, detail };
  const fault = eventFault(read);
  return fault === undefined ? read : wrong(fault);
}

async function takeIn(event: OutgoingEvent, context: Context): Promise<void> {
  const posted: Put = {
    put: { pk: `POSTED-EVENT#${event.id}`, sk: 'EVENT' },
    body: { detailType: event.detailType },
    when: { row: 'absent' },
    expiresAt: Math.floor(context.clock.now() / 1000) + remembered,
    events: [event],
  };
  try {
    await context.state.transact([posted, ...alarmWrites(event)]);
  } catch (error) {
    if (error instanceof StateLimitExceeded)
      throw new ValidationException(`The event ${event.id} cannot be kept: ${error.message}.`);
    // The event was posted again: it is stored already.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
