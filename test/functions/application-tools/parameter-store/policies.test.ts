/** Parameter policies: what they may say, and that they act when they are due, once, on a clock that is moved. */
import type { TimerHandlers } from '../../../../functions/clock/fire-timer.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../../../local/sqlite-state.ts';
import { room as parameterStoreRoom } from '../../../../functions/application-tools/parameter-store/room.ts';
import { timerPartition, timerShards, type Timer, type TimerHandler } from '../../../../core/timers.ts';
import { expectValidEvent } from '../../../support/events.ts';
import { testContext, type TestContext } from '../../../support/context.ts';
import { caller, refusal } from './parameter-store-fixture.ts';
import { guarded } from '../../../support/guarded.ts';

const timers: TimerHandlers = parameterStoreRoom.timers;

const hour = 3_600_000;
let flotilla: TestContext;
let call: ReturnType<typeof caller>;
beforeEach(() => {
  flotilla = testContext();
  call = caller(flotilla);
});
afterEach(() => flotilla.close());

const expiration = (hours: number) => ({
  Type: 'Expiration',
  Version: '1.0',
  Attributes: { Timestamp: new Date(flotilla.clock.now() + hours * hour).toISOString() },
});
const notification = (Before: string, Unit = 'Hours') => ({
  Type: 'ExpirationNotification',
  Version: '1.0',
  Attributes: { Before, Unit },
});
const noChange = (After: string, Unit = 'Hours') => ({
  Type: 'NoChangeNotification',
  Version: '1.0',
  Attributes: { After, Unit },
});
const put = (policies: unknown, more: object = {}) =>
  call('PutParameter', {
    Name: '/p',
    Value: 'v',
    Type: 'String',
    Tier: 'Advanced',
    Overwrite: true,
    Policies: typeof policies === 'string' ? policies : JSON.stringify(policies),
    ...more,
  });

async function allTimers(): Promise<Timer[]> {
  const found: Timer[] = [];
  for (let shard = 0; shard < timerShards; shard++)
    found.push(...(await flotilla.state.query<Timer>({ pk: timerPartition(shard) })).rows.map((row) => row.body));
  return found.sort((one, other) => one.due - other.due);
}

/** Moves the clock on, and does what has fallen due. */
async function pass(hours: number): Promise<void> {
  flotilla.clock.advance(hours * hour);
  for (const timer of await allTimers()) if (timer.due <= flotilla.clock.now()) await fire(timer);
}

async function fire(timer: Timer): Promise<void> {
  await (timers[timer.kind] as TimerHandler)(timer, guarded('fire-timers', flotilla.context));
}

async function told(): Promise<string[]> {
  const changes: readonly Change[] = await flotilla.state.readChanges(0, 1000);
  return changes.map(({ event }) => {
    expectValidEvent(event);
    const detail = event.detail as Record<string, string>;
    return detail['policy-type'] ?? detail['operation'] ?? '';
  });
}

describe('what policies may say', () => {
  test.each([
    ['not JSON', 'ValidationException', 'x'],
    ['no array', 'ValidationException', {}],
    ['an unknown type', 'InvalidPolicyTypeException', [{ Type: 'Delete', Version: '1.0', Attributes: {} }]],
    ['another version', 'InvalidPolicyAttributeException', [{ ...noChange('1'), Version: '2.0' }]],
    ['no attributes', 'InvalidPolicyAttributeException', [{ Type: 'NoChangeNotification', Version: '1.0' }]],
    ['minutes', 'InvalidPolicyAttributeException', [noChange('30', 'Minutes')]],
    ['nothing', 'InvalidPolicyAttributeException', [noChange('0')]],
    [
      'a time that is none',
      'InvalidPolicyAttributeException',
      [{ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp: '2030-01-01' } }],
    ],
    [
      'the past',
      'InvalidPolicyAttributeException',
      [{ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp: '2020-01-01T00:00:00Z' } }],
    ],
    ['a notification of no expiration', 'IncompatiblePolicyException', [notification('1')]],
    ['eleven', 'PoliciesLimitExceededException', Array.from({ length: 11 }, () => noChange('1'))],
  ])('%s', async (_what, code, policies) => {
    await expect(put(policies)).rejects.toThrow(refusal(code));
  });

  test('two expirations; policies of a standard parameter', async () => {
    await expect(put([expiration(1), expiration(2)])).rejects.toThrow(refusal('IncompatiblePolicyException'));
    await expect(put([expiration(1)], { Tier: 'Standard' })).rejects.toThrow(
      refusal('ValidationException', /advanced/),
    );
    expect(await put([expiration(1)], { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' });
  });

  test('kept by a put without them, replaced by one with, cleared by [{}]', async () => {
    await put([noChange('5', 'Days')]);
    await call('PutParameter', { Name: '/p', Value: 'w', Overwrite: true });
    const policies = async () => (await call('DescribeParameters', {})).Parameters![0]!.Policies!;
    expect(await policies()).toEqual([
      {
        PolicyText: JSON.stringify(noChange('5', 'Days')),
        PolicyType: 'NoChangeNotification',
        PolicyStatus: 'Pending',
      },
    ]);
    expect(await allTimers()).toHaveLength(1);
    await put([expiration(1)]);
    expect((await policies()).map(({ PolicyType }) => PolicyType)).toEqual(['Expiration']);
    expect(await allTimers()).toHaveLength(1);
    await put('[{}]');
    expect([await policies(), await allTimers()]).toEqual([[], []]);
  });
});

describe('what policies do', () => {
  test('a notification before the end, and the end', async () => {
    await put([expiration(10), notification('4'), notification('1')]);
    await call('PutParameter', { Name: '/p', Value: 'w', Overwrite: true });
    await pass(6);
    expect(await told()).toEqual(['Create', 'Update', 'ExpirationNotification']);
    expect(
      (await call('DescribeParameters', {})).Parameters![0]!.Policies!.map(({ PolicyStatus }) => PolicyStatus),
    ).toEqual(['Pending', 'Finished', 'Pending']);
    await pass(3.5);
    await pass(0.4);
    expect((await call('GetParameter', { Name: '/p' })).Parameter!.Value).toBe('w');
    await pass(0.1);
    expect(await told()).toEqual([
      'Create',
      'Update',
      'ExpirationNotification',
      'ExpirationNotification',
      'Expiration',
      'Delete',
    ]);
    await expect(call('GetParameter', { Name: '/p' })).rejects.toThrow(refusal('ParameterNotFound'));
    expect((await call('DescribeParameters', {})).Parameters).toEqual([]);
  });

  test('gone at its time, though the timer is late; its name can be taken', async () => {
    await put([expiration(1)]);
    flotilla.clock.advance(hour);
    await expect(call('GetParameter', { Name: '/p' })).rejects.toThrow(refusal('ParameterNotFound'));
    expect((await call('GetParametersByPath', { Path: '/' })).Parameters).toEqual([]);
    const late = (await allTimers()).filter(({ kind }) => kind.startsWith('enforce'));
    expect(await call('PutParameter', { Name: '/p', Value: 'new', Type: 'String' })).toMatchObject({ Version: 1 });
    expect(await told()).toEqual(['Create', 'Expiration', 'Delete', 'Create']);
    for (const timer of late) await fire(timer);
    expect((await call('GetParameter', { Name: '/p' })).Parameter!.Value).toBe('new');
  });

  test('no change is told of once; any change starts the time anew', async () => {
    await put([noChange('2')]);
    await pass(1);
    await call('PutParameter', { Name: '/p', Value: 'w', Overwrite: true });
    await pass(1);
    expect(await told()).toEqual(['Create', 'Update']);
    const timer = (await allTimers()).find(({ kind }) => kind.startsWith('enforce'))!;
    await pass(1);
    await fire(timer);
    await pass(10);
    expect(await told()).toEqual(['Create', 'Update', 'NoChangeNotification']);
    await call('PutParameter', { Name: '/p', Value: 'x', Overwrite: true });
    await pass(2);
    expect(await told()).toEqual(['Create', 'Update', 'NoChangeNotification', 'Update', 'NoChangeNotification']);
  });

  test('fires while the parameter is being changed: one of both comes first, and the other sees it', async () => {
    for (let round = 0; round < 20; round++) {
      await put([expiration(1)]);
      flotilla.clock.advance(hour - 1);
      const timer = (await allTimers()).find(({ kind }) => kind.startsWith('enforce'))!;
      // The writer takes the expiration away at the last moment.
      const writer = put('[{}]', { Value: String(round) });
      flotilla.clock.advance(1);
      await Promise.all([writer, fire(timer)]);
      const left = await call('GetParameter', { Name: '/p' });
      expect(left.Parameter!.Value).toBe(String(round));
      await call('DeleteParameter', { Name: '/p' });
    }
  });

  test('deleting takes the timers along', async () => {
    await put([expiration(1), notification('1', 'Days'), noChange('3', 'Days')]);
    await call('DeleteParameter', { Name: '/p' });
    expect((await allTimers()).map(({ kind }) => kind)).toEqual(['purge-parameter']);
    await pass(100);
    expect(await told()).toEqual(['Create', 'Delete']);
  });
});
