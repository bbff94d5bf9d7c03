/** Dead letters for people: listed, replayed and thrown away under `/x/dead-letters`. */
import type { Context } from '../../core/context.ts';
import {
  deadLetterName,
  deadLetterPartition,
  deletePartsOf,
  readDeadLetter,
  type DeadLetter,
} from '../../core/dead-letters.ts';
import { ApiError, ValidationException } from '../../core/errors.ts';
import type { Extensions } from '../../core/extensions.ts';
import { decodeToken, encodeToken } from '../../core/pagination.ts';
import { conflictAs } from '../../core/retry-on-conflict.ts';
import { StateLimitExceeded, type Key, type Row, type Write } from '../../core/state.ts';
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
    /** Of another service's event alone: `aws.cloudwatch`. */
    readonly Source?: string;
    readonly Detail: object;
  };
  readonly Timer?: { readonly Kind: string; readonly Id: string; readonly Key: string; readonly Due: string };
  /** What could not even be read. */
  readonly Record?: { readonly Text: string };
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
  const { rows, next } = await context.state.query({ pk: deadLetterPartition, limit: pageSize, after });
  return {
    DeadLetters: await Promise.all(rows.map(async ({ body }) => shown(await readDeadLetter(body, context.state)))),
    ...(next === undefined ? {} : { NextToken: await encodeToken(context, { after: next }, tokenPurpose) }),
  };
}

/**
 * Does it again: an event is published anew, with its id and source, to every route that wants it (handlers accept an
 * event twice); a timer falls due now. The letter is gone in the same transaction; should it fail again, it comes back
 * as a new one.
 * @param name the letter's `Id`
 * @throws DeadLetterNotFound
 * @throws ValidationException for what could not be read, or no longer fits a row
 */
export async function replayDeadLetter(name: string, context: Context): Promise<void> {
  const row = await find(name, context);
  const letter = await readDeadLetter(row.body, context.state);
  try {
    await orNotFound(name, context.state.transact(replayWrites(row, letter, context)));
  } catch (error) {
    if (!(error instanceof StateLimitExceeded)) throw error;
    throw new ValidationException(`Dead letter ${name} cannot be replayed: ${error.message}.`);
  }
}

/** The row goes first: two replays at once are one. */
function replayWrites(row: Row<object>, letter: DeadLetter, context: Context): Write[] {
  const removal = { delete: keyOf(row.sk), when: { version: row.version } };
  const rest = deletePartsOf(row.body);
  switch (letter.kind) {
    case 'event':
      return [{ ...removal, events: [letter.event] }, ...rest];
    case 'timer':
      return [removal, ...rest, scheduleTimer({ ...letter.timer, due: context.clock.now() })];
    case 'record':
      throw new ValidationException(
        `Dead letter ${row.sk} is a record that could not be read. It can only be looked at and deleted.`,
      );
  }
}

/** @throws DeadLetterNotFound */
export async function deleteDeadLetter(name: string, context: Context): Promise<void> {
  const { body } = await find(name, context);
  await orNotFound(
    name,
    context.state.transact([{ delete: keyOf(name), when: { row: 'present' } }, ...deletePartsOf(body)]),
  );
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

async function find(name: string, context: Context): Promise<Row<object>> {
  // What does not look like a name could be a key that the state refuses.
  const row = /^\d{15}-[\w-]{1,64}$/.test(name) ? await context.state.get(keyOf(name)) : undefined;
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
    ...subject(letter),
  };
}

function subject(letter: DeadLetter): Pick<ShownDeadLetter, 'Event' | 'Timer' | 'Record'> {
  switch (letter.kind) {
    case 'event': {
      const { id, detailType, source, detail } = letter.event;
      return {
        Event: {
          Route: letter.route,
          Id: id,
          DetailType: detailType,
          ...(source === undefined ? {} : { Source: source }),
          Detail: detail,
        },
      };
    }
    case 'timer': {
      const { kind, id, key, due } = letter.timer;
      return { Timer: { Kind: kind, Id: id, Key: key, Due: new Date(due).toISOString() } };
    }
    case 'record':
      return { Record: { Text: letter.text } };
  }
}
