/** EventBridge's pattern language, case by case as AWS's documentation tells it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesPattern, type Pattern } from '../../core/event-pattern.ts';

/** [what it shows, the pattern of `detail`, the event's `detail`, whether they match] */
type Case = readonly [name: string, pattern: Pattern, detail: object, matches: boolean];

const of = (matcher: unknown): Pattern => ({ a: [matcher] });

const exact: readonly Case[] = [
  ['one of a list', { a: ['x', 'y'] }, { a: 'y' }, true],
  ['none of a list', { a: ['x', 'y'] }, { a: 'z' }, false],
  ['case matters', of('x'), { a: 'X' }, false],
  ['a list in the event matches where one element does', of('x'), { a: ['z', 'x'] }, true],
  ['a list in the event without a match', of('x'), { a: ['z'] }, false],
  ['null', of(null), { a: null }, true],
  ['null is not absence', of(null), {}, false],
  ['the empty text', of(''), { a: '' }, true],
  ['numbers by value', of(5), { a: 5.0 }, true],
  ['a number is no text', of('5'), { a: 5 }, false],
  ['a text is no number', of(5), { a: '5' }, false],
  ['booleans', of(true), { a: true }, true],
  ['all members must fit', { a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
  ['members that the pattern does not name do not matter', of('x'), { a: 'x', b: 'z' }, true],
  ['nested', { a: { b: ['x'] } }, { a: { b: 'x' } }, true],
  ['nested under something flat', { a: { b: ['x'] } }, { a: 'x' }, false],
];

const ends: readonly Case[] = [
  ['prefix', of({ prefix: 'us-' }), { a: 'us-east-1' }, true],
  ['prefix on a list', of({ prefix: 'x' }), { a: ['q', 'xy'] }, true],
  ['prefix on a number', of({ prefix: '5' }), { a: 55 }, false],
  ['prefix in any case', of({ prefix: { 'equals-ignore-case': 'EventB' } }), { a: 'eventbridge' }, true],
  ['suffix', of({ suffix: '.png' }), { a: 'a.png' }, true],
  ['suffix elsewhere', of({ suffix: '.png' }), { a: 'a.png.txt' }, false],
  ['suffix in any case', of({ suffix: { 'equals-ignore-case': '.png' } }), { a: 'A.PNG' }, true],
  ['equals in any case', of({ 'equals-ignore-case': 'alice' }), { a: 'ALICE' }, true],
  ['wildcard', of({ wildcard: 'dir/*/file*.png' }), { a: 'dir/x/file1.png' }, true],
  ['wildcard over line breaks', of({ wildcard: 'a*c' }), { a: 'a\nc' }, true],
  ['wildcard takes the whole text', of({ wildcard: 'a*c' }), { a: 'abcd' }, false],
  ['an escaped star is a star', of({ wildcard: String.raw`a\*b` }), { a: 'a*b' }, true],
  ['an escaped star is nothing else', of({ wildcard: String.raw`a\*b` }), { a: 'axb' }, false],
  ['an escaped backslash before a star', of({ wildcard: String.raw`a\\*` }), { a: String.raw`a\bc` }, true],
  ['a dot is a dot', of({ wildcard: 'a.b*' }), { a: 'aXbc' }, false],
];

const anythingBut: readonly Case[] = [
  ['another text', of({ 'anything-but': 'x' }), { a: 'y' }, true],
  ['the text', of({ 'anything-but': 'x' }), { a: 'x' }, false],
  ['one of a list', of({ 'anything-but': ['x', 'y'] }), { a: 'y' }, false],
  ['numbers', of({ 'anything-but': [1, 2] }), { a: 3 }, true],
  ['absence is not anything', of({ 'anything-but': 'x' }), {}, false],
  ['a prefix', of({ 'anything-but': { prefix: 'init' } }), { a: 'initializing' }, false],
  ['a list of prefixes', of({ 'anything-but': { prefix: ['i', 'j'] } }), { a: 'jx' }, false],
  ['a suffix', of({ 'anything-but': { suffix: '.txt' } }), { a: 'a.rtf' }, true],
  ['a list of suffixes', of({ 'anything-but': { suffix: ['.txt', '.rtf'] } }), { a: 'a.rtf' }, false],
  ['a list in any case', of({ 'anything-but': { 'equals-ignore-case': ['Init', 'stop'] } }), { a: 'STOP' }, false],
  ['a wildcard', of({ 'anything-but': { wildcard: '*/lib/*' } }), { a: 'a/lib/b' }, false],
  ['a list of wildcards', of({ 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } }), { a: 'a/bin/b' }, false],
];

const numbers: readonly Case[] = [
  ['a range', of({ numeric: ['>', 0, '<=', 5] }), { a: 5 }, true],
  ['outside a range', of({ numeric: ['>', 0, '<', 5] }), { a: 5 }, false],
  ['at least', of({ numeric: ['>=', 5] }), { a: 5 }, true],
  ['equal', of({ numeric: ['=', 3.018e2] }), { a: 301.8 }, true],
  ['a text is no number', of({ numeric: ['<', 10] }), { a: '5' }, false],
];

const addresses: readonly Case[] = [
  ['inside', of({ cidr: '10.0.0.0/24' }), { a: '10.0.0.255' }, true],
  ['outside', of({ cidr: '10.0.0.0/24' }), { a: '10.0.1.1' }, false],
  ['IPv6', of({ cidr: '2001:db8::/32' }), { a: '2001:db8:1::5' }, true],
  ['the other family', of({ cidr: '10.0.0.0/8' }), { a: '::ffff:a00:1' }, false],
  ['no address', of({ cidr: '10.0.0.0/8' }), { a: 'ten' }, false],
];

const presence: readonly Case[] = [
  ['present', of({ exists: true }), { a: 0 }, true],
  ['present and null', of({ exists: true }), { a: null }, true],
  ['absent', of({ exists: true }), {}, false],
  ['wanted absent', of({ exists: false }), {}, true],
  ['wanted absent, but there', of({ exists: false }), { a: 'x' }, false],
  ['absent below an absent member', { a: { b: [{ exists: false }] } }, {}, true],
  ['only leaves are present', of({ exists: true }), { a: { b: 1 } }, false],
  ['absent or a value', { a: [{ exists: false }, 'x'] }, { a: 'x' }, true],
  ['the other member below an absent one', { a: { b: [{ exists: false }], c: ['x'] } }, {}, false],
];

const alternatives: readonly Case[] = [
  ['one of them', { $or: [{ a: [1] }, { b: [{ numeric: ['>', 2] }] }] }, { b: 3 }, true],
  ['none of them', { $or: [{ a: [1] }, { b: [2] }] }, { a: 9, b: 9 }, false],
  ['beside a member', { c: ['z'], $or: [{ a: [1] }, { b: [2] }] }, { c: 'y', a: 1 }, false],
  ['nested', { c: ['z'], $or: [{ a: [1] }, { b: [2], $or: [{ e: [1] }, { f: [1] }] }] }, { c: 'z', b: 2, f: 1 }, true],
  ['a member that is called $or', { $or: ['x', 'y'] }, { $or: 'x' }, true],
];

const objects: readonly Case[] = [
  [
    'one object fits',
    { r: { id: ['a'], v: [1] } },
    {
      r: [
        { id: 'a', v: 1 },
        { id: 'b', v: 2 },
      ],
    },
    true,
  ],
  [
    'no single object fits',
    { r: { id: ['a'], v: [2] } },
    {
      r: [
        { id: 'a', v: 1 },
        { id: 'b', v: 2 },
      ],
    },
    false,
  ],
  ['an empty list has no object', { r: { id: ['a'] } }, { r: [] }, false],
];

for (const [group, cases] of Object.entries({
  exact,
  ends,
  anythingBut,
  numbers,
  addresses,
  presence,
  alternatives,
  objects,
}))
  describe(group, () => {
    test.each(cases)('%s', (_name, pattern, detail, matches) => {
      expect(matchesPattern({ detail: pattern }, { source: 'aws.ssm', detail })).toBe(matches);
    });
  });

test('the envelope, as AWS shows it in its examples', () => {
  const event = {
    source: 'aws.ssm',
    'detail-type': 'EC2 Command Status-change Notification',
    detail: { status: 'Failed', more: 1 },
  };
  expect(
    matchesPattern(
      {
        source: ['aws.ssm'],
        'detail-type': ['EC2 Command Status-change Notification'],
        detail: { status: ['Failed'] },
      },
      event,
    ),
  ).toBe(true);
  expect(matchesPattern({ $or: [{ source: ['other'] }, { detail: { more: [1] } }] }, event)).toBe(true);
});

test.each([
  ['an unknown matcher', of({ suffixes: 'x' })],
  ['a bare value', { a: 'x' }],
  ['a prefix that is no text', of({ prefix: 5 })],
  ['numeric without an operator', of({ numeric: [5, 5] })],
])('%s is no pattern', (_name, pattern) => {
  expect(() =>
    matchesPattern(pattern, { a: pattern.a === undefined ? 'x' : /numeric/.test(JSON.stringify(pattern)) ? 5 : 'x' }),
  ).toThrow(TypeError);
});

test('an event matches the pattern made of its own leaves, and no longer when one leaf changes', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const name = fc.stringMatching(/^[a-z]{1,5}$/);
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.oneof(leaf, fc.dictionary(name, leaf, { minKeys: 1 })), { minKeys: 1 }),
      (event) => {
        const pattern = Object.fromEntries(
          Object.entries(event).map(([member, value]) => [
            member,
            typeof value === 'object' && value !== null
              ? Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, [one]]))
              : [value],
          ]),
        );
        expect(matchesPattern(pattern, event)).toBe(true);
        const [member = ''] = Object.keys(event);
        expect(matchesPattern(pattern, { ...event, [member]: { never: 'x' } })).toBe(false);
      },
    ),
  );
});
