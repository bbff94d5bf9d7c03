/** Publishes what the stream should have published and did not. */
import { isOver } from '../../core/deadline.ts';
import { UnreadableEvents, type OutgoingEvent } from '../../core/events.ts';
import {
  eventsOfOutbox,
  outboxPartition,
  outboxPatience,
  outboxShards,
  outboxTime,
  outboxWrittenAt,
  type OutboxItem,
} from '../../core/outbox.ts';
import type { Row } from '../../core/state.ts';
import { publishEvents, setAside, setRecordAside, type Unpublished } from './publish-events.ts';
import type { ClockContext } from './timer-queue.ts';

/** The stream has so long, in milliseconds: it delivers within a second, and again after a failure. */
const patience = 120_000;
const pageSize = 50;

/**
 * One event that the bus does not take holds up none of the others. Its row stays for the next tick; after a day its
 * events become dead letters. So does a row that this version cannot read: a newer one may have written it.
 * @returns how many rows are done
 * @throws Error when the events of some rows could not be published yet
 */
export async function resendOutbox(context: ClockContext): Promise<number> {
  const late: Unpublished[] = [];
  const done = await Promise.all(
    Array.from({ length: outboxShards }, (_, shard) => resendShard(outboxPartition(shard), context, late)),
  );
  if (late.length > 0) throw new Error(`${late.length} events were not published yet: ${late[0]!.reason}`);
  return done.reduce((sum, one) => sum + one, 0);
}

async function resendShard(pk: string, context: ClockContext, late: Unpublished[]): Promise<number> {
  const { state, clock, log } = context;
  let done = 0;
  let after: string | undefined;
  do {
    const page = await state.query<OutboxItem>({
      pk,
      to: outboxTime(clock.now() - patience),
      limit: pageSize,
      // During a deploy: the tick of the newer code publishes those.
      newer: 'skip',
      after,
    });
    if (page.rows.length > 0) log.warn('events are published late', { shard: pk, rows: page.rows.length });
    const rows = page.rows.map((row) => ({ row, events: readRow(row) }));
    const unpublished = await publishEvents(
      rows.flatMap(({ events }) => events ?? []),
      context,
    );
    const reasons = new Map(unpublished.map((one) => [one.event, one]));
    const finished: Row<OutboxItem>[] = [];
    for (const { row, events } of rows) {
      const left = (events ?? []).flatMap((event) => reasons.get(event) ?? []);
      const isDone = events === undefined ? await giveUpUnread(row, context) : await giveUp(row, left, context);
      if (isDone) finished.push(row);
      else late.push(...left);
    }
    await state.batch(finished.map(({ pk, sk }) => ({ delete: { pk, sk } })));
    done += finished.length;
    after = page.next;
  } while (after !== undefined && !isOver(context));
  return done;
}

function readRow({ body }: Row<OutboxItem>): readonly OutgoingEvent[] | undefined {
  try {
    return eventsOfOutbox(body);
  } catch (error) {
    if (error instanceof UnreadableEvents) return undefined;
    throw error;
  }
}

/** @returns whether the row may go: nothing is left of it, or what is left is a dead letter */
async function giveUp(row: Row, left: readonly Unpublished[], context: ClockContext): Promise<boolean> {
  if (left.length > 0 && context.clock.now() - outboxWrittenAt(row) < outboxPatience) return false;
  for (const { event, reason } of left) if (!(await setAside(event, reason, context))) return false;
  return true;
}

async function giveUpUnread(row: Row<OutboxItem>, context: ClockContext): Promise<boolean> {
  if (context.clock.now() - outboxWrittenAt(row) < outboxPatience) return false;
  return setRecordAside(JSON.stringify(row.body), 'no version has read it for a day', context);
}
