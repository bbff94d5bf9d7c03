import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decide,
  maxConcurrencyOf,
  maxErrorsOf,
  type Limits,
  type Spread,
} from '../../../functions/fan-out/rate-control.ts';

describe('limits', () => {
  test.each([
    ['50', 10, 50],
    ['10%', 50, 5],
    ['10%', 5, 1],
    ['100%', 7, 7],
    ['99%', 3, 2],
  ])('MaxConcurrency %s of %i targets is %i', (expression, targets, expected) =>
    expect(maxConcurrencyOf(expression, targets)).toBe(expected),
  );

  test.each([
    ['0', 50, 0],
    ['3', 50, 3],
    ['10%', 50, 5],
    ['0%', 50, 0],
    ['10%', 9, 0],
  ])('MaxErrors %s of %i targets is %i', (expression, targets, expected) =>
    expect(maxErrorsOf(expression, targets)).toBe(expected),
  );
});

describe('decide', () => {
  const limits: Limits = { maxConcurrency: 50, maxErrors: 0 };
  const spread = (changes: Partial<Spread>): Spread => ({
    targets: 100,
    started: 0,
    acknowledged: 0,
    completed: 0,
    errors: 0,
    ...changes,
  });

  test('begins with one node', () =>
    expect(decide(spread({}), limits, 1, false)).toEqual({ kind: 'start', count: 1, window: 1 }));
  test('waits for that node to take the command', () =>
    expect(decide(spread({ started: 1 }), limits, 1, false)).toEqual({ kind: 'start', count: 0, window: 1 }));
  test('then has two under way', () =>
    expect(decide(spread({ started: 1, acknowledged: 1 }), limits, 1, false)).toEqual({
      kind: 'start',
      count: 1,
      window: 2,
    }));
  test('a node that is away holds up a wave only so long', () =>
    expect(decide(spread({ started: 3, acknowledged: 2 }), limits, 4, true)).toEqual({
      kind: 'start',
      count: 5,
      window: 8,
    }));
  test('the error after MaxErrors stops it', () => {
    expect(decide(spread({ started: 5, errors: 5 }), { ...limits, maxErrors: 5 }, 8, false).kind).toBe('start');
    expect(decide(spread({ started: 6, errors: 6 }), { ...limits, maxErrors: 5 }, 8, false)).toEqual({ kind: 'stop' });
  });

  test('however replies come, never more than MaxConcurrency are under way, and all are started in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.boolean()), { minLength: 1, maxLength: 50 }),
        (targets, maxConcurrency, happenings) => {
          let state = spread({ targets });
          let window = 1;
          const step = (acknowledge: number, complete: number, waited: boolean): void => {
            const acknowledged = Math.min(state.started, state.acknowledged + acknowledge);
            state = { ...state, acknowledged, completed: Math.min(acknowledged, state.completed + complete) };
            const decision = decide(state, { maxConcurrency, maxErrors: 0 }, window, waited);
            if (decision.kind !== 'start') throw new Error('stopped without an error');
            window = decision.window;
            state = { ...state, started: state.started + decision.count };
            expect(state.started - state.completed).toBeLessThanOrEqual(Math.max(maxConcurrency, 1));
            expect(state.started).toBeLessThanOrEqual(targets);
          };
          for (const [acknowledge, complete, waited] of happenings) step(acknowledge, complete, waited);
          for (let round = 0; round <= 2 * targets && state.completed < targets; round++) step(targets, targets, false);
          expect(state.completed).toBe(targets);
        },
      ),
    );
  });
});
