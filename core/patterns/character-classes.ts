/** Java's shorthands for character classes, as ranges: V8's `\s` differs. Pure. */

/** Code points in ascending order. */
export type Ranges = readonly (readonly [low: number, high: number])[];

const digit: Ranges = [[0x30, 0x39]];
const upper: Ranges = [[0x41, 0x5a]];
const lower: Ranges = [[0x61, 0x7a]];
const space: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
];
const punctuation: Ranges = [
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
];

const shorthands: ReadonlyMap<string, Ranges> = new Map([
  ['d', digit],
  ['w', [...digit, ...upper, [0x5f, 0x5f], ...lower]],
  ['s', space],
  [
    'h',
    [
      [0x09, 0x09],
      [0x20, 0x20],
      [0xa0, 0xa0],
      [0x1680, 0x1680],
      [0x180e, 0x180e],
      [0x2000, 0x200a],
      [0x202f, 0x202f],
      [0x205f, 0x205f],
      [0x3000, 0x3000],
    ],
  ],
]);

/** `\p{Alpha}`: ASCII only. */
const named: ReadonlyMap<string, Ranges> = new Map([
  ['Lower', lower],
  ['Upper', upper],
  ['ASCII', [[0x00, 0x7f]]],
  ['Alpha', [...upper, ...lower]],
  ['Digit', digit],
  ['Alnum', [...digit, ...upper, ...lower]],
  ['Punct', punctuation],
  ['Graph', [[0x21, 0x7e]]],
  ['Print', [[0x20, 0x7e]]],
  [
    'Blank',
    [
      [0x09, 0x09],
      [0x20, 0x20],
    ],
  ],
  [
    'Cntrl',
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['XDigit', [...digit, [0x41, 0x46], [0x61, 0x66]]],
  ['Space', space],
]);

/** The class of `d`, `w`, `s` or `h`; a capital letter means all other characters. */
export function shorthand(letter: string): Ranges | undefined {
  const ranges = shorthands.get(letter.toLowerCase());
  return ranges === undefined || letter === letter.toLowerCase() ? ranges : inverted(ranges);
}

/** The class of `\p{name}` or `\P{name}`. */
export function posixClass(name: string, letter: string): Ranges | undefined {
  const ranges = named.get(name);
  return ranges === undefined || letter === 'p' ? ranges : inverted(ranges);
}

/** Ranges as text for a class. Each character is escaped, so that none has a special meaning. */
export function rangesText(ranges: Ranges): string {
  return ranges
    .map(([low, high]) => (low === high ? characterText(low) : `${characterText(low)}-${characterText(high)}`))
    .join('');
}

function characterText(code: number): string {
  return `\\u{${code.toString(16)}}`;
}

function inverted(ranges: Ranges): Ranges {
  const others: [number, number][] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) others.push([from, low - 1]);
    from = high + 1;
  }
  return [...others, [from, 0x10ffff]];
}
