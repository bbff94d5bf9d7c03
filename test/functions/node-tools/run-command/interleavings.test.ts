/**
 * What must hold of a command however its nodes, its callers, its timers and the machine under it interleave:
 * acknowledgements and reports late, doubled and out of order, cancels, tags that move, nodes that go, writes
 * that fail before or after they were done. The interleavings are fast-check's; a failing one is shrunk.
 */
import type { TimerHandlers } from '../../../../functions/clock/fire-timer.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlarmState } from '../../../../core/alarms.ts';
import type { Context, RequestContext } from '../../../../core/context.ts';
import { queryAll, type State } from '../../../../core/state.ts';
import { timerKey, timerPartition, timerShards, type Timer } from '../../../../core/timers.ts';
import { alarmWrites } from '../../../../functions/alarms/index.ts';
import { fireTimer } from '../../../../functions/clock/fire-timer.ts';
import { recordDelay, recordDelivery, recordReply } from '../../../../functions/node-tools/run-command/index.ts';
import { handler as failUndeliverable } from '../../../../functions/node-tools/run-command/fail-undeliverable.ts';
import { commandMessageId } from '../../../../functions/node-tools/run-command/messages.ts';
import { room as runCommandRoom } from '../../../../functions/node-tools/run-command/room.ts';
import { deltaPartition, maxConcurrencyOf, maxErrorsOf } from '../../../../functions/fan-out/index.ts';
import { commandKind } from '../../../../functions/node-tools/run-command/command-job.ts';
import { errorCount, rollUp, type CommandTally } from '../../../../functions/node-tools/run-command/roll-up.ts';
import { handler as stopOnAlarm } from '../../../../functions/node-tools/run-command/stop-on-alarm.ts';
import { isTerminal } from '../../../../functions/node-tools/run-command/states.ts';
import {
  invocationPartition,
  readCommand,
  shards,
  type CommandBody,
  type InvocationBody,
} from '../../../../functions/node-tools/run-command/store.ts';
import { pendingMessages, recordPing, removeNode, writeNode } from '../../../../functions/nodes/index.ts';
import { taggableNode } from '../../../../functions/nodes/taggable.ts';
import { tagOperations } from '../../../../functions/tags/resources.ts';
import { testContext, type TestContext } from '../../../support/context.ts';

const operations = runCommandRoom.operations.ssm;
const timers: TimerHandlers = runCommandRoom.timers;

const nodeCount = 6;
const nodeIds = Array.from({ length: nodeCount }, (_, place) => `mi-${place.toString(16).padStart(17, '0')}`);
const windows = nodeIds.at(-1)!;
const alarm = 'error-rate';
const { RemoveTagsFromResource } = tagOperations([taggableNode]);

const node = fc.nat(nodeCount - 1).map((place) => nodeIds[place]!);
const happening = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), node }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reply' as const),
      node,
      status: fc.constantFrom('InProgress', 'Success', 'Success', 'Failed', 'TimedOut', 'Cancelled'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delay' as const), node }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(0, 1, 5, 70) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('alarm' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel-one' as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deregister' as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('retag' as const), node }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const story = fc.record({
  byTag: fc.boolean(),
  /** Whether it names an alarm. */
  alarmed: fc.boolean(),
  maxConcurrency: fc.constantFrom('1', '2', '50', '34%', '100%'),
  maxErrors: fc.constantFrom('0', '1', '50%', '100%'),
  /** What happens at the same time, time after time. */
  times: fc.array(fc.array(happening, { minLength: 1, maxLength: 4 }), { maxLength: 20 }),
  /** Of each write in turn: it is done; it fails; it is done and yet reported as failed. */
  writes: fc.array(fc.constantFrom('done', 'done', 'done', 'done', 'done', 'lost', 'answer lost'), { maxLength: 60 }),
  /** How many turns of the loop each call of the state takes: what is concurrent interleaves. */
  turns: fc.array(fc.nat(3), { minLength: 1, maxLength: 30 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** A State whose calls take their time, and whose writes fail as the story tells. */
function faulty(
  state: State,
  { writes, turns }: Pick<Story, 'writes' | 'turns'>,
): { state: State; quiet(): Promise<void>; heal(): void } {
  let call = 0;
  let write = 0;
  let underWay = 0;
  let healed = false;
  const wrap =
    (method: keyof State, writing: boolean) =>
    async (...given: unknown[]): Promise<unknown> => {
      underWay++;
      try {
        for (let rest = turns[call++ % turns.length]!; rest > 0; rest--)
          await new Promise((resolve) => setImmediate(resolve));
        const fate = writing && !healed ? (writes[write++] ?? 'done') : 'done';
        if (fate === 'lost') throw new Error('the write was lost');
        const result = await (state[method] as (...given: unknown[]) => Promise<unknown>)(...given);
        if (fate === 'answer lost') throw new Error('the answer was lost');
        return result;
      } finally {
        underWay--;
      }
    };
  const calls: Record<keyof State, unknown> = {
    get: wrap('get', false),
    getMany: wrap('getMany', false),
    query: wrap('query', false),
    write: wrap('write', true),
    transact: wrap('transact', true),
    batch: wrap('batch', true),
  };
  return {
    state: calls as unknown as State,
    heal: () => void (healed = true),
    quiet: async () => {
      for (let still = 0; still < 8; still = underWay === 0 ? still + 1 : 0)
        await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

class Play {
  readonly flotilla: TestContext;
  readonly context: Context;
  readonly #request: RequestContext;
  readonly #faulty: ReturnType<typeof faulty>;
  readonly #story: Story;
  /** Which nodes a message ever waited for: no other can have anything to say. */
  readonly #reached = new Set<string>();
  commandId = '';
  #startedAtStop: number | undefined;

  constructor(flotilla: TestContext, told: Story) {
    this.flotilla = flotilla;
    this.#story = told;
    this.#faulty = faulty(flotilla.state, told);
    this.context = { ...flotilla.context, state: this.#faulty.state };
    this.#request = { ...flotilla.as(), state: this.#faulty.state };
  }

  async begin(): Promise<void> {
    const { context } = this.flotilla;
    for (const nodeId of nodeIds) {
      await context.state.transact(
        writeNode({
          node: { nodeId, registeredAt: 0, activationId: 'a', iamRole: 'r', name: 'n' },
          identity: { publicKey: '', publicKeyType: 'Rsa' },
          tags: { Role: 'web' },
          events: [],
        }),
      );
      await recordPing(context, nodeId, {
        agentName: 'a',
        agentVersion: '1.0.0.0',
        platformType: nodeId === windows ? 'Windows' : 'Linux',
      });
    }
    const { byTag, alarmed, maxConcurrency, maxErrors } = this.#story;
    await this.#alarmSays('OK');
    const sent = await operations.SendCommand(
      {
        DocumentName: 'AWS-RunShellScript',
        Parameters: { commands: ['true'], executionTimeout: ['60'] },
        TimeoutSeconds: 60,
        MaxConcurrency: maxConcurrency,
        MaxErrors: maxErrors,
        ...(alarmed ? { AlarmConfiguration: { Alarms: [{ Name: alarm }] } } : {}),
        ...(byTag ? { Targets: [{ Key: 'tag:Role', Values: ['web'] }] } : { InstanceIds: nodeIds }),
      },
      this.flotilla.as(),
    );
    this.commandId = sent.Command!.CommandId!;
  }

  async run(): Promise<void> {
    for (const together of this.#story.times) {
      await Promise.all(together.map((one) => this.#happen(one).catch(expectedOnly)));
      await this.#observe();
    }
  }

  /** The machine is well again, and all the time that the command has passes. */
  async end(): Promise<void> {
    this.#faulty.heal();
    for (let rest = 60; rest > 0; rest--) {
      this.flotilla.clock.advance(10_000);
      await this.#fireTimers();
      await this.#observe();
    }
    await this.#faulty.quiet();
  }

  async #happen(what: Happening): Promise<void> {
    switch (what.kind) {
      case 'deliver':
        if (this.#reached.has(what.node))
          await recordDelivery(
            { nodeId: what.node, messageId: commandMessageId(this.commandId, what.node) },
            this.context,
          );
        return;
      case 'reply':
        if (this.#reached.has(what.node))
          await recordReply(
            {
              nodeId: what.node,
              messageId: commandMessageId(this.commandId, what.node),
              payload: { documentStatus: what.status, documentTraceOutput: '', runtimeStatus: {} },
            },
            this.context,
          );
        return;
      case 'delay':
        if (this.#reached.has(what.node))
          await recordDelay(
            { nodeId: what.node, messageId: commandMessageId(this.commandId, what.node) },
            this.context,
          );
        return;
      case 'time':
        this.flotilla.clock.advance(what.seconds * 1000);
        // As two workers might.
        await Promise.all([this.#fireTimers(), this.#fireTimers()]);
        return;
      case 'cancel':
        await operations.CancelCommand({ CommandId: this.commandId }, this.#request);
        return;
      case 'alarm':
        await this.#alarmSays('ALARM');
        await stopOnAlarm({ detail: { alarmName: alarm, state: { value: 'ALARM' } } } as never, this.context);
        return;
      case 'cancel-one':
        await operations.CancelCommand({ CommandId: this.commandId, InstanceIds: [what.node] }, this.#request);
        return;
      case 'deregister':
        await removeNode(this.context, what.node, () => []);
        await failUndeliverable({ detail: { 'instance-id': what.node } } as never, this.context);
        return;
      case 'retag':
        await RemoveTagsFromResource(
          { ResourceType: 'ManagedInstance', ResourceId: what.node, TagKeys: ['Role'] },
          this.#request,
        );
    }
  }

  async #alarmSays(value: AlarmState): Promise<void> {
    await this.flotilla.state.transact(
      alarmWrites({
        source: 'aws.cloudwatch',
        detailType: 'CloudWatch Alarm State Change',
        detail: { alarmName: alarm, state: { value } },
      }),
    );
  }

  async #fireTimers(): Promise<void> {
    for (let shard = 0; shard < timerShards; shard++)
      for (const { body } of (await this.flotilla.state.query<Timer>({ pk: timerPartition(shard) })).rows)
        if (timers[body.kind] !== undefined && body.due <= this.flotilla.clock.now())
          await fireTimer(body, timers as never, this.context).catch(expectedOnly);
  }

  /** What must hold at every moment. */
  async #observe(): Promise<void> {
    await this.#faulty.quiet();
    for (const id of nodeIds)
      if ((await pendingMessages(this.flotilla.context, id)).some((message) => message.kind === 'command'))
        this.#reached.add(id);
    const command = await this.command();
    const started = (await this.invocations()).filter((one) => one.started);
    const underWay = started.filter((one) => !isTerminal(one.state)).length;
    if (command.phase !== 'spreading')
      expect(underWay).toBeLessThanOrEqual(maxConcurrencyOf(command.maxConcurrency, command.targetCount));
    if (command.stopped || command.cancelRequested) {
      this.#startedAtStop ??= started.length;
      expect(started.length, 'nothing starts once it was stopped').toBe(this.#startedAtStop);
    }
  }

  async command(): Promise<CommandBody> {
    return (await readCommand(this.flotilla.state, this.commandId))!.body;
  }

  async invocations(): Promise<InvocationBody[]> {
    const found: InvocationBody[] = [];
    for (let shard = 0; shard < shards; shard++)
      found.push(
        ...(
          await queryAll<InvocationBody>(this.flotilla.state, { pk: invocationPartition(this.commandId, shard) })
        ).map((row) => row.body),
      );
    return found;
  }

  async leftovers(): Promise<string[]> {
    const keys: string[] = [];
    for (let shard = 0; shard < shards; shard++)
      keys.push(
        ...(await queryAll(this.flotilla.state, { pk: deltaPartition(commandKind, this.commandId, shard) })).map(
          (row) => `${row.pk} ${row.sk}`,
        ),
      );
    for (let shard = 0; shard < timerShards; shard++)
      keys.push(
        ...(await queryAll<Timer>(this.flotilla.state, { pk: timerPartition(shard) }))
          .filter((row) => row.body.key === this.commandId)
          .map((row) => timerKey(row.body).sk),
      );
    return keys;
  }

  /** The announced states of whatever has the id in the events' details, in their order. */
  async announced(detailType: string, nodeId?: string): Promise<string[]> {
    const changes = await this.flotilla.state.readChanges(0, 10_000);
    return changes
      .filter(
        ({ event }) =>
          event.detailType === detailType &&
          (nodeId === undefined || (event.detail as { 'instance-id': string })['instance-id'] === nodeId),
      )
      .map(({ event }) => (event.detail as { status: string }).status);
  }
}

/** Lost writes and nodes that have gone are part of the story; anything else is a fault. */
function expectedOnly(error: unknown): void {
  const { message, name } = error as Error;
  if (/was lost$/.test(message) || ['InvalidInstanceId', 'InvalidResourceId', 'TooManyUpdates'].includes(name)) return;
  throw error;
}

/** At most once in progress, then one end. */
const lifelines = /^(InProgress )?(Success|Failed|TimedOut|Canceled)$/;

test(
  'however it goes, a command and every invocation of it come to one end, and the counts are those of the ends',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const flotilla = testContext();
        try {
          const play = new Play(flotilla, told);
          await play.begin();
          await play.run();
          await play.end();

          const command = await play.command();
          const invocations = await play.invocations();
          const states: CommandTally = Object.fromEntries(
            Object.entries(Object.groupBy(invocations, (one) => one.state)).map(([state, all]) => [state, all.length]),
          );
          expect(invocations.filter((one) => !isTerminal(one.state))).toEqual([]);
          expect(command.phase).toBe('done');
          expect(command.targetCount).toBe(invocations.length);
          expect(command.tally).toEqual(states);
          if (!told.byTag) expect(invocations).toHaveLength(nodeCount);
          const wanted = rollUp(states, maxErrorsOf(told.maxErrors, invocations.length), command.cancelRequested);
          expect(command.state).toBe(invocations.length === 0 && command.cancelRequested ? 'Cancelled' : wanted);
          expect(command.stopped).toBe(
            errorCount(states) > maxErrorsOf(told.maxErrors, invocations.length) && command.stopped,
          );
          expect(await play.leftovers()).toEqual([]);
          for (const { nodeId } of invocations)
            expect(
              (await play.announced('EC2 Command Invocation Status-change Notification', nodeId)).join(' '),
              nodeId,
            ).toMatch(lifelines);
          expect((await play.announced('EC2 Command Status-change Notification')).join(' ')).toMatch(lifelines);
        } finally {
          await flotilla.close();
        }
      }),
      { numRuns: Number(process.env.FLOTILLA_RUNS ?? 40) },
    );
  },
);
