/**
 * The rows of step results, with their output: `STEP#<command>#<node>` / `<place>`. They are rows of their own, so that
 * a report of 24 KB rewrites no invocation.
 */
import { padded } from '../../../core/keys-of-rows.ts';
import { queryAll, type Key, type Put, type Row, type State } from '../../../core/state.ts';
import { expiry, type InvocationBody, type StepBody } from './store.ts';

export function stepPartition(commandId: string, nodeId: string): string {
  return `STEP#${commandId}#${nodeId}`;
}

export function stepKey(commandId: string, nodeId: string, place: number): Key {
  return { pk: stepPartition(commandId, nodeId), sk: padded(place, 4) };
}

/** A step as it is kept: what `output` has in common with the first stream is kept once. */
interface StoredStep extends StepBody {
  /** So many characters of `standardOutput` come before `output`. */
  readonly shared?: number;
}

/** @param version of the row that it replaces; undefined where there is none. It fails where that has changed since. */
export function putStep(
  invocation: Pick<InvocationBody, 'commandId' | 'nodeId' | 'requestedAt'>,
  step: StepBody,
  version: number | undefined,
): Put<StoredStep> {
  const shared = sharedLength(step.standardOutput, step.output);
  return {
    put: stepKey(invocation.commandId, invocation.nodeId, step.place),
    body: { ...step, output: step.output.slice(shared), shared },
    when: version === undefined ? { row: 'absent' } : { version },
    expiresAt: expiry(invocation.requestedAt),
  };
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length++;
  return length;
}

function stepOf({ shared = 0, ...step }: StoredStep): StepBody {
  return { ...step, output: step.standardOutput.slice(0, shared) + step.output };
}

/** A step's result, with the version of its row where it has one. */
export type StepRow = Pick<Row<StepBody>, 'body'> & Partial<Pick<Row, 'version'>>;

/** The step results of invocations, in their order; of each those that have been reported, in the document's order. */
export async function readStepsOf(
  state: State,
  invocations: readonly InvocationBody[],
): Promise<readonly (readonly StepBody[])[]> {
  const single = invocations.filter(({ steps }) => steps.length === 1);
  const found = new Map<string, StepBody>();
  for (let from = 0; from < single.length; from += 100) {
    const keys = single.slice(from, from + 100).map(({ commandId, nodeId }) => stepKey(commandId, nodeId, 0));
    for (const { body, pk } of await state.getMany<StoredStep>(keys)) found.set(pk, stepOf(body));
  }
  return Promise.all(
    invocations.map(async (invocation) => {
      if (invocation.steps.length !== 1) return readSteps(state, invocation);
      const step = found.get(stepPartition(invocation.commandId, invocation.nodeId)) ?? invocation.result;
      return step === undefined ? [] : [step];
    }),
  );
}

async function readStepPartition(state: State, commandId: string, nodeId: string): Promise<StepRow[]> {
  const rows = await queryAll<StoredStep>(state, { pk: stepPartition(commandId, nodeId) });
  return rows.map(({ body, version }) => ({ body: stepOf(body), version }));
}

/** The step results of an invocation, in the order of the document. */
export async function readSteps(state: State, invocation: InvocationBody): Promise<readonly StepBody[]> {
  return (await readStepRows(state, invocation)).map(({ body }) => body);
}

/** The same, with the versions of their rows. */
export async function readStepRows(state: State, invocation: InvocationBody): Promise<readonly StepRow[]> {
  if (invocation.steps.length > 1) return readStepPartition(state, invocation.commandId, invocation.nodeId);
  const row = await readStepRow(state, invocation, 0);
  return row === undefined ? [] : [row];
}

/** One of them. */
export async function readStep(state: State, invocation: InvocationBody, place: number): Promise<StepBody | undefined> {
  return (await readStepRow(state, invocation, place))?.body;
}

async function readStepRow(
  state: State,
  { commandId, nodeId, result }: InvocationBody,
  place: number,
): Promise<StepRow | undefined> {
  const row = await state.get<StoredStep>(stepKey(commandId, nodeId, place));
  if (row !== undefined) return { body: stepOf(row.body), version: row.version };
  return result?.place === place ? { body: result } : undefined;
}
