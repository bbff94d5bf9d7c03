/** State Manager's rules, without any state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Candidate } from '../../../../functions/node-tools/state-manager/candidates.ts';
import { effectiveInventory } from '../../../../functions/node-tools/state-manager/effective-inventory.ts';
import { limitsOf, needsCount } from '../../../../functions/node-tools/state-manager/rate.ts';
import { intervalOf } from '../../../../functions/node-tools/state-manager/schedule.ts';
import {
  aggregatedCount,
  isForward,
  isTerminal,
  overviewOf,
  type NodeState,
} from '../../../../functions/node-tools/state-manager/states.ts';

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

describe('rate control', () => {
  test.each([
    [{}, 100, Infinity, Infinity],
    [{ maxConcurrency: '100%', maxErrors: '100%' }, 100, Infinity, Infinity],
    [{ maxConcurrency: '10%', maxErrors: '10%' }, 50, 5, 5],
    [{ maxConcurrency: '1%', maxErrors: '1%' }, 50, 1, 0],
    [{ maxConcurrency: '7', maxErrors: '0' }, 3, 7, 0],
  ])('%j of %i', (given, targets, concurrency, errors) => {
    expect(limitsOf(given, targets)).toEqual({ concurrency, errors });
  });

  test('targets are counted only where a percentage asks', () => {
    expect(needsCount({ maxConcurrency: '5', maxErrors: '100%' })).toBe(false);
    expect(needsCount({ maxErrors: '5%' })).toBe(true);
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

  test('how an association stands', () => {
    const progress = { started: 3, finished: 2, tally: { Success: 2 }, spread: true };
    expect(overviewOf(progress)).toBe('Pending');
    expect(aggregatedCount(progress)).toEqual({ Success: 2, Pending: 1 });
    expect(overviewOf({ ...progress, finished: 3, tally: { Success: 3 } })).toBe('Success');
    expect(overviewOf({ ...progress, tally: { Success: 1, TimedOut: 1 } })).toBe('Failed');
    expect(overviewOf({ ...progress, started: 2, spread: false })).toBe('Pending');
    expect(overviewOf({ started: 0, finished: 0, tally: {}, spread: true })).toBe('Pending');
    expect(overviewOf({ started: 0, finished: 0, tally: {}, spread: true, problem: 'no document' })).toBe('Failed');
  });
});

describe('a node has one inventory association', () => {
  const documentName = 'AWS-GatherSoftwareInventory';
  const all: Candidate = { associationId: 'all', documentName, criteria: [{ by: 'everything' }] };
  const named: Candidate = { associationId: 'named', documentName, criteria: [{ by: 'id', ids: ['mi-1'] }] };
  const tagged: Candidate = {
    associationId: 'tagged',
    documentName,
    criteria: [{ by: 'tag', key: 'env', values: ['prod'] }],
  };
  const other: Candidate = { associationId: 'other', documentName, criteria: [{ by: 'tag-key', keys: ['env'] }] };
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
    expect(effectiveInventory(association.associationId, others, node).verdict).toBe(verdict);
  });

  test('one that may not run on the node does not stand in the way of one that may', () => {
    const ours: Candidate = { ...all, byAdmin: true };
    expect(effectiveInventory('all', [ours, named], { ...node, adminsOnly: true }).verdict).toBe('effective');
    expect(effectiveInventory('all', [ours, { ...named, byAdmin: true }], { ...node, adminsOnly: true }).verdict).toBe(
      'overridden',
    );
  });

  test('one that is for other nodes does not count', () => {
    expect(effectiveInventory('all', everything, { id: 'mi-2', tags: {}, adminsOnly: false }).verdict).toBe(
      'effective',
    );
  });
});
