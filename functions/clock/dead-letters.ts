/** Dead letters for people: listed, replayed and thrown away under `/x/dead-letters`. */
import type { Context } from '../../core/context.ts';
import { deadLetterName, deadLetterPartition, type DeadLetter } from '../../core/dead-letters.ts';
import { ApiError } from '../../core/errors.ts';
import type { Extensions } from '../../core/extensions.ts';
import { decodeToken, encodeToken } from '../../core/pagination.ts';
import { conflictAs } from '../../core/retry-on-conflict.ts';
import type { Key, Row } from '../../core/state.ts';
import { scheduleTimer } from '../../core/timers.ts';

/** There is no such dead letter, or somebody else has just dealt with it. */
export class DeadLetterNotFound extends ApiError {
  override readonly code = 'ResourceNotFoundException';
}

/** A dead letter as people see it. */
export interface ShownDeadLetter {
  readonly Id: string;
  /** ISO 8601. */
  readonly FailedAt: string;
  readonly Attempts: number;
  readonly Error: string;
  readonly Event?: {
    readonly Route: string;
    readonly Id: string;
    readonly DetailType: string;
    readonly Detail: object;
  };
  readonly Timer?: { readonly Kind: string; readonly Id: string; readonly Key: string; readonly Due: string };
}

export interface DeadLetterPage {
  readonly DeadLetters: readonly ShownDeadLetter[];
  readonly NextToken?: string;
}

const pageSize = 50;
const tokenPurpose = 'dead-letters';

/** Oldest first, 50 at a time. @throws InvalidNextToken */
export async function listDeadLetters(context: Context, nextToken?: string | null): Promise<DeadLetterPage> {
  const after = nextToken ? (await decodeToken<{ after: string }>(context, nextToken, tokenPurpose)).after : undefined;
  const { rows, next } = await context.state.query<DeadLetter>({ pk: deadLetterPartition, limit: pageSize, after });
  return {
    DeadLetters: rows.map((row) => shown(row.body)),
    ...(next === undefined ? {} : { NextToken: await encodeToken(context, { after: next }, tokenPurpose) }),
  };
}

/**
 * Does it again: an event is published anew, with its id, to every route that wants it (handlers bear an
 * event twice); a timer falls due now. The letter is gone in the same transaction; should it fail again, it
 * comes back as a new one.
 * @param name the letter's `Id`
 * @throws DeadLetterNotFound
 */
export async function replayDeadLetter(name: string, context: Context): Promise<void> {
  const row = await find(name, context);
  const { body: letter, version } = row;
  const removal = { delete: keyOf(name), when: { version } };
  await orNotFound(
    name,
    letter.kind === 'event'
      ? context.state.transact([{ ...removal, events: [letter.event] }])
      : context.state.transact([removal, scheduleTimer({ ...letter.timer, due: context.clock.now() })]),
  );
}

/** @throws DeadLetterNotFound */
export async function deleteDeadLetter(name: string, context: Context): Promise<void> {
  await find(name, context);
  await orNotFound(name, context.state.write({ delete: keyOf(name), when: { row: 'present' } }));
}

export const extensions: Extensions = {
  'GET /x/dead-letters': {
    roles: ['admin', 'operator', 'viewer'],
    run: async ({ query }, context) => listDeadLetters(context, query.get('NextToken')),
  },
  'POST /x/dead-letters/{id}/replay': {
    roles: ['admin', 'operator'],
    run: async ({ path: { id = '' } }, context) => {
      await replayDeadLetter(id, context);
      return {};
    },
  },
  'DELETE /x/dead-letters/{id}': {
    roles: ['admin', 'operator'],
    run: async ({ path: { id = '' } }, context) => {
      await deleteDeadLetter(id, context);
      return {};
    },
  },
};

const keyOf = (name: string): Key => ({ pk: deadLetterPartition, sk: name });

async function find(name: string, context: Context): Promise<Row<DeadLetter>> {
  // What does not look like a name could be a key that the state refuses.
  const row = /^\d{15}-[\w-]{1,64}$/.test(name) ? await context.state.get<DeadLetter>(keyOf(name)) : undefined;
  if (row === undefined) throw new DeadLetterNotFound(`There is no dead letter ${name}.`);
  return row;
}

async function orNotFound(name: string, write: Promise<unknown>): Promise<void> {
  await conflictAs(write, () => new DeadLetterNotFound(`There is no dead letter ${name} any more.`));
}

function shown(letter: DeadLetter): ShownDeadLetter {
  return {
    Id: deadLetterName(letter),
    FailedAt: new Date(letter.failedAt).toISOString(),
    Attempts: letter.attempts,
    Error: letter.error,
    ...(letter.kind === 'event'
      ? {
          Event: {
            Route: letter.route,
            Id: letter.event.id,
            DetailType: letter.event.detailType,
            Detail: letter.event.detail,
          },
        }
      : {
          Timer: {
            Kind: letter.timer.kind,
            Id: letter.timer.id,
            Key: letter.timer.key,
            Due: new Date(letter.timer.due).toISOString(),
          },
        }),
  };
}
