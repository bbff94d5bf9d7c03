/** State Manager's rules, without any state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveInventory } from '../../../../functions/node-tools/state-manager/effective-inventory.ts';
import { intervalOf } from '../../../../functions/node-tools/state-manager/schedule.ts';
import type { Criterion } from '../../../../functions/nodes/index.ts';
import {
  aggregatedCount,
  isForward,
  isTerminal,
  overviewOf,
  type NodeState,
} from '../../../../functions/node-tools/state-manager/states.ts';
import { targetEntriesOf, type Candidate } from '../../../../functions/node-tools/state-manager/target-entries.ts';

describe('the schedule', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['rate(30 minutes)', 1_800_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(12 hours)', 43_200_000],
    ['rate(1 day)', 86_400_000],
    ['rate(30 days)', 2_592_000_000],
  ])('%s', (schedule, interval) => {
    expect(intervalOf(schedule)).toBe(interval);
  });

  test.each([
    'rate(29 minutes)',
    'rate(31 days)',
    'rate(1 hours)',
    'rate(2 hour)',
    'rate(0 days)',
    'rate(1.5 hours)',
    'rate(1 week)',
    'every hour',
    'cron(0 0/1 * * ? *)',
    'at(2026-01-05T09:00:00)',
  ])('refused: %s', (schedule) => {
    expect(() => intervalOf(schedule)).toThrow(expect.objectContaining({ code: 'InvalidSchedule' }) as Error);
  });
});

describe('by what a node finds an association', () => {
  const id = { Key: 'InstanceIds', Values: ['mi-1', 'mi-2'] };
  const tag = { Key: 'tag:env', Values: ['prod', 'test'] };
  const key = { Key: 'tag-key', Values: ['env'] };
  const group = { Key: 'resource-groups:Name', Values: ['web'] };
  test.each([
    ['every node', [{ Key: 'InstanceIds', Values: ['*'] }], [{ by: 'everything' }]],
    [
      'an EC2 instance',
      [{ Key: 'resource-groups:ResourceTypeFilters', Values: ['AWS::EC2::Instance'] }],
      [{ by: 'everything' }],
    ],
    ['ids rather than tags', [tag, id], ['mi-1', 'mi-2'].map((one) => ({ by: 'id', id: one }))],
    ['each value of a tag', [key, tag], ['prod', 'test'].map((value) => ({ by: 'tag', key: 'env', value }))],
    ['a tag key', [key], [{ by: 'tag-key', key: 'env' }]],
    ['the group, which must find it when it changes', [tag, group, id], [{ by: 'group', name: 'web' }]],
  ])('%s', (_name, targets, entries) => {
    expect(targetEntriesOf(targets)).toEqual(entries);
  });
});

describe('states', () => {
  const states = fc.constantFrom<NodeState>('Pending', 'InProgress', 'Success', 'Failed', 'TimedOut', 'Skipped');

  test('a run that is over is never under way again, in whatever order reports come', () => {
    fc.assert(
      fc.property(fc.array(states), (reports) => {
        let state: NodeState = 'Pending';
        let over = false;
        for (const report of reports) {
          if (isForward(state, report)) state = report;
          if (over) expect(isTerminal(state)).toBe(true);
          over = isTerminal(state);
        }
      }),
    );
  });

  test('the status of an association', () => {
    const progress = { started: 3, finished: 2, tally: { Success: 2 }, over: false };
    expect(overviewOf(progress)).toBe('Pending');
    expect(aggregatedCount(progress)).toEqual({ Success: 2, Pending: 1 });
    expect(overviewOf({ ...progress, over: true, tally: { Success: 3 } })).toBe('Success');
    expect(overviewOf({ ...progress, tally: { Success: 1, TimedOut: 1 } })).toBe('Failed');
    expect(overviewOf({ started: 0, tally: {}, over: true })).toBe('Pending');
    expect(overviewOf({ started: 0, tally: {}, over: true, problem: 'no document' })).toBe('Failed');
  });
});

describe('a node has one inventory association', () => {
  const candidate = (associationId: string, criterion: Criterion): Candidate => ({
    association: { associationId },
    criteria: [criterion],
  });
  const all = candidate('all', { by: 'everything' });
  const named = candidate('named', { by: 'id', ids: ['mi-1'] });
  const tagged = candidate('tagged', { by: 'tag', key: 'env', values: ['prod'] });
  const other = candidate('other', { by: 'tag-key', keys: ['env'] });
  const node = { id: 'mi-1', tags: { env: 'prod' }, adminsOnly: false };
  const everything = [all, named, tagged, other];

  test.each([
    ['alone', all, [all], 'effective'],
    ['one that names the node stands above one for all', all, [all, named], 'overridden'],
    ['by tag too', all, [all, tagged], 'overridden'],
    ['the one that names it stands', named, [all, named], 'effective'],
    ['two by tags are in each other’s way', tagged, [tagged, other], 'conflict'],
    ['an id beside a tag is not', named, [named, tagged], 'effective'],
    ['among all of them', all, everything, 'overridden'],
  ] as const)('%s', (_name, association, others, verdict) => {
    expect(effectiveInventory(association.association.associationId, others, node).verdict).toBe(verdict);
  });

  test('one that may not run on the node does not stand in the way of one that may', () => {
    const byAdmin = (one: Candidate): Candidate => ({ ...one, association: { ...one.association, byAdmin: true } });
    const ours = { ...node, adminsOnly: true };
    expect(effectiveInventory('all', [byAdmin(all), named], ours).verdict).toBe('effective');
    expect(effectiveInventory('all', [byAdmin(all), byAdmin(named)], ours).verdict).toBe('overridden');
  });

  test('one that is for other nodes does not count', () => {
    const other = { id: 'mi-2', tags: {}, adminsOnly: false };
    expect(effectiveInventory('all', everything, other).verdict).toBe('effective');
  });
});
