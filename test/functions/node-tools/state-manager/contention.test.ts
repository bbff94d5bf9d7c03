/** Associations that are due together, on the same nodes, over a State that refuses writers who meet. */
import { expect, test } from 'vitest';
import type { Context } from '../../../../core/context.ts';
import { deadLetterPartition } from '../../../../core/dead-letters.ts';
import { timerPartition, timerShards, type Timer } from '../../../../core/timers.ts';
import { fireTimer, type TimerHandlers } from '../../../../functions/clock/fire-timer.ts';
import { room as stateManagerRoom } from '../../../../functions/node-tools/state-manager/room.ts';
import { contendedState } from '../../../support/contended-state.ts';
import { call, executionOf, flotilla, minutes, nodeName, register } from './state-manager-fixture.ts';

const timers: TimerHandlers = stateManagerRoom.timers;
const associations = 20;
const nodes = 200;

test('20 associations due at once on the same 200 nodes all run, and no timer dies', async () => {
  const { clock, context } = flotilla;
  const ids: string[] = [];
  for (let count = 0; count < associations; count++) {
    const { AssociationDescription: made } = await call('CreateAssociation', {
      Name: 'AWS-RunShellScript',
      Parameters: { commands: ['true'] },
      Targets: [{ Key: 'InstanceIds', Values: ['*'] }],
      ScheduleExpression: 'rate(30 minutes)',
    });
    ids.push(made!.AssociationId!);
  }
  await context.background.settled();
  for (let place = 0; place < nodes; place++) await register(place);

  clock.advance(30 * minutes);
  const { state, contention } = contendedState(flotilla.state);
  const contended = { ...context, state };
  const outcomes = await fireTogether('run-association', contended);
  expect(outcomes).toEqual(Array.from({ length: associations }, () => 'done'));
  await context.background.settled();
  // What met too often is made good by the executions' own timers.
  while ((await started(ids)) < associations * nodes) {
    clock.advance(10_000);
    expect(await fireTogether('progress-association', contended)).not.toContain('failed');
    await context.background.settled();
  }
  expect(contention.conflicts).toBeGreaterThan(0);

  for (const associationId of ids) {
    const executionId = await executionOf(associationId);
    const rows = await flotilla.state.getMany<{ executionId: string; state: string }>(
      Array.from({ length: 100 }, (_, place) => ({ pk: `NODE-ASSOCIATIONS#${nodeName(place)}`, sk: associationId })),
    );
    expect(rows.map(({ body }) => `${body.executionId} ${body.state}`)).toEqual(
      Array(100).fill(`${executionId} Pending`),
    );
  }
  const { rows: letters } = await flotilla.state.query({ pk: deadLetterPartition });
  expect(letters).toEqual([]);
});

/** How many nodes the associations say they have started on. */
async function started(ids: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    ids.map(async (AssociationId) => {
      const { AssociationDescription: found } = await call('DescribeAssociation', { AssociationId });
      return found?.Overview?.AssociationStatusAggregatedCount?.['Pending'] ?? 0;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Fires what is due of a kind, all at the same time. */
async function fireTogether(kind: string, context: Context): Promise<string[]> {
  const due: Timer[] = [];
  for (let shard = 0; shard < timerShards; shard++)
    for (const { body } of (await context.state.query<Timer>({ pk: timerPartition(shard) })).rows)
      if (body.kind === kind && body.due <= context.clock.now()) due.push(body);
  return Promise.all(due.map((timer) => fireTimer(timer, timers, context)));
}
