/** Patterns of users: whatever they are, the main thread goes on and every caller has a turn. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mostSteps, type Structure } from '../../../core/patterns/cost.ts';
import { FairQueue } from '../../../core/patterns/fair-queue.ts';
import { judge } from '../../../core/patterns/index.ts';
import { translate } from '../../../core/patterns/translate.ts';

const evil = { pattern: '^(a+)+$', text: `${'a'.repeat(40)}!` };
const judgementOf = async (pattern: string, text: string) => (await judge([{ pattern, text }], 'somebody'))[0];

describe('judge', () => {
  test.each([
    ['^[a-z]+$', 'abc', 'match'],
    ['^[a-z]+$', 'ABC', 'mismatch'],
    ['b', 'abc', 'match'],
    ['(', 'abc', 'invalid'],
    ['^(?=.*\\d)(?=.*[a-z])[a-z\\d]{8,64}$', 'abcdefg1', 'match'],
    ['^(?=.*\\d)(?=.*[a-z])[a-z\\d]{8,64}$', 'abcdefgh', 'mismatch'],
    ['^(\\w+)-\\1$', 'one-one', 'match'],
    ['^(a+)+$', 'a'.repeat(40), 'match'],
    ['((a{1000}){1000})', 'aaa', 'mismatch'],
    ['^[\\s\\S]{1,131072}$', 'é'.repeat(131_072), 'match'],
    ['^\\p{L}*$', `${'é'.repeat(131_072)}!`, 'mismatch'],
    [evil.pattern, evil.text, 'unjudged'],
    ['(x+x+)+y', 'x'.repeat(10_000), 'unjudged'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(100), 'unjudged'],
  ])('%s', async (pattern, text, expected) => expect(await judgementOf(pattern, text)).toBe(expected));

  test('the main thread goes on while a pattern takes for ever', async () => {
    let over = false;
    let turns = 0;
    const waiting = judge([evil], 'somebody').then(() => (over = true));
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    await waiting;
    // Had it been judged here, it would be over with the first turn, or never.
    expect(turns).toBeGreaterThan(10);
  });

  test('who sends only such patterns delays somebody else by one turn', async () => {
    const ended: string[] = [];
    const flood = Array.from({ length: 6 }, () => judge([evil], 'flooder').then(() => ended.push('flooder')));
    await judge([{ pattern: '^(\\w+)-\\1$', text: 'one-one' }], 'somebody').then(() => ended.push('somebody'));
    await Promise.all(flood);
    expect(ended.indexOf('somebody')).toBeLessThanOrEqual(2);
  });

  test('many parameters at once are as little work for the main thread as one', async () => {
    // Each alone would be judged at once.
    const questions = Array.from({ length: 500 }, () => ({ pattern: '^[a-z]*[a-z]*!$', text: 'a'.repeat(100) }));
    expect(mostSteps(translate(questions[0]!.pattern).structure!, 100)).toBeLessThan(50_000);
    expect(new Set(await judge(questions, 'somebody'))).toEqual(new Set(['mismatch']));
  });

  test('it agrees with RegExp', async () => {
    const pattern = fc.constantFrom(
      '^(a|b)*c$',
      'a{2,3}b?',
      '(?=a)[ab]+$',
      '^(?:a|ab)(?:c|bcd)(?:d*)$',
      '(a)\\1',
      '^[^b]*$',
    );
    await fc.assert(
      fc.asyncProperty(pattern, fc.string({ unit: fc.constantFrom(...'abcd') }), async (given, text) => {
        expect(await judgementOf(given, text)).toBe(new RegExp(given, 'u').test(text) ? 'match' : 'mismatch');
      }),
    );
  });
});

describe('mostSteps', () => {
  const steps = (pattern: string, length: number) => mostSteps(translate(pattern).structure!, length);
  test('what V8 does at once is little, and what grows beyond all bounds is much', () => {
    expect(steps('^([1-9][0-9]{0,4}|1[0-6][0-9]{4})$', 6)).toBeLessThan(100);
    expect(steps('^[a-z0-9-]{3,63}$', 63)).toBeLessThan(1_000);
    expect(steps('^(\\d{1,3}\\.){3}\\d{1,3}$', 15)).toBeLessThan(5_000);
    expect(steps('^(a+)+$', 34)).toBeGreaterThan(1e9);
    expect(steps('^(a|a)*$', 34)).toBeGreaterThan(1e9);
    expect(steps('a*a*a*a*b', 1_000)).toBeGreaterThan(1e9);
  });

  test('it is never less than a backtracking search takes', () => {
    const structure = fc.letrec<{ node: Structure }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constant<Structure>('one'),
        fc.record({ sequence: fc.array(tie('node'), { maxLength: 3 }) }),
        fc.record({ choice: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ repeat: tie('node'), least: fc.constantFrom(0, 1, 2), most: fc.constantFrom(2, 3, Infinity) }),
      ),
    })).node;
    fc.assert(
      fc.property(structure, fc.integer({ min: 0, max: 6 }), (given, length) => {
        const most = mostSteps(given, length);
        expect(countedSteps(given, length, 20_000)).toBeLessThanOrEqual(most);
      }),
    );
  });
});

/** Characters that a backtracking engine looks at if every character fits and the end does not. */
function countedSteps(pattern: Structure, length: number, most: number): number {
  let steps = 0;
  const run = (part: Structure, at: number, then: (at: number) => void): void => {
    if (steps > most) return;
    if (typeof part === 'string') {
      steps++;
      if (at < length) then(at + 1);
    } else if ('sequence' in part) {
      const from = (place: number, here: number): void => {
        const next = part.sequence[place];
        if (next === undefined) then(here);
        else run(next, here, (there) => from(place + 1, there));
      };
      from(0, at);
    } else if ('choice' in part) for (const alternative of part.choice) run(alternative, at, then);
    else {
      const round = (count: number, here: number): void => {
        if (count < part.most)
          run(part.repeat, here, (there) => {
            if (there > here || count < part.least) round(count + 1, there);
          });
        if (count >= part.least) then(here);
      };
      round(0, at);
    }
  };
  for (let start = 0; start <= length; start++) run(pattern, start, () => undefined);
  return Math.min(steps, most);
}

test('FairQueue: each caller in turn', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3']) queue.add('a', item);
  queue.add('b', 'b1');
  queue.add('c', 'c1');
  expect([1, 2, 3].map(() => queue.take())).toEqual(['a1', 'b1', 'c1']);
  queue.add('b', 'b2');
  expect([1, 2, 3, 4].map(() => queue.take())).toEqual(['a2', 'b2', 'a3', undefined]);
});
