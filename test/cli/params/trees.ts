/** Trees of any shape, for properties. */
import fc from 'fast-check';
import { parameterTypes, sorted, type Entry, type Tree } from '../../../cli/params/tree.ts';

const segment = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/),
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '10', 'Value'),
);
export const anyName = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'));

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const tricky = fc.constantFrom(
  'no',
  'null',
  '~',
  '007',
  '1e3',
  ' x ',
  'a: b',
  '- x',
  '# x',
  '"',
  "'",
  '\n',
  ' \n x\n\n',
  '\r\n',
  '\u0085',
  '\u2028',
  '\uFEFF',
  '\0',
  '{{x}}',
  '*a',
  '&a',
  '!!str x',
  '---',
  '\ttab',
);
export const anyValue = fc.oneof(text, tricky);

/** As a store tells it: every member is there. */
export const storedEntry = fc.record({
  Type: fc.constantFrom(...parameterTypes),
  Value: anyValue,
  Description: fc.oneof(fc.constant(''), anyValue),
  DataType: fc.constantFrom('text', 'integer', 'json'),
  AllowedPattern: fc.constantFrom('', '.*', '^[a-z\\s"\']+$'),
  Tier: fc.constantFrom('Standard', 'Advanced'),
  Policies: fc.constantFrom(
    '[]',
    '[{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"1","Unit":"Days"}}]',
  ),
}) satisfies fc.Arbitrary<Entry>;

export const treeOf = <T extends Entry>(entry: fc.Arbitrary<T>): fc.Arbitrary<Tree> =>
  fc.uniqueArray(fc.tuple(anyName, entry), { selector: ([name]) => name, maxLength: 8 }).map(sorted);
