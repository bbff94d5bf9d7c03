import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareTrees, showDifferences, shownText } from '../../../cli/params/compare.ts';
import { makePlan, refuseIfAny, type Plan } from '../../../cli/params/plan.ts';
import { fullName, nameBelow, normalPath, sorted, type Entry, type Tree } from '../../../cli/params/tree.ts';
import { anyName, storedEntry, treeOf } from './trees.ts';

const tree = (entries: Readonly<Record<string, Entry>>): Tree => sorted(Object.entries(entries));
const everything = { overwrite: true, remove: true };

/** What PutParameter and DeleteParameters make of a tree: what is not said stays, or is AWS's default. */
function carriedOut(target: Tree, plan: Plan): Tree {
  const after = new Map(target);
  for (const name of plan.deletes) after.delete(name);
  for (const { name, overwrite, input } of plan.writes) {
    expect(overwrite).toBe(target.has(name));
    after.set(name, {
      Description: '',
      DataType: 'text',
      AllowedPattern: '',
      Tier: 'Standard',
      Policies: '[]',
      ...target.get(name),
      ...input,
    });
  }
  return sorted(after);
}

describe('a plan that is carried out', () => {
  test('makes the target as the source, whatever they are, but for types, which cannot change', () => {
    fc.assert(
      fc.property(treeOf(storedEntry), treeOf(storedEntry), (source, target) => {
        const plan = makePlan(compareTrees(target, source), everything);
        const left = compareTrees(carriedOut(target, plan), source);
        expect(left.map(({ name }) => name)).toEqual(plan.refused.map(({ name }) => name));
        expect(left.every(({ members }) => members.includes('Type'))).toBe(true);
        expect(plan.leftAlone).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('writes nothing the second time', () => {
    fc.assert(
      fc.property(treeOf(storedEntry), (source) => {
        const plan = makePlan(compareTrees(new Map(), source), everything);
        const again = makePlan(compareTrees(carriedOut(new Map(), plan), source), everything);
        expect(again).toEqual({ writes: [], deletes: [], leftAlone: [], refused: [] });
      }),
    );
  });
});

test('a secret’s key, and what a place decides, are given at creation and left alone after', () => {
  const source = tree({
    token: {
      Type: 'SecureString',
      Value: 'new',
      KeyId: 'alias/staging',
      Tier: 'Advanced',
      Policies: '[{}]',
      Description: '',
    },
  });
  expect(makePlan(compareTrees(new Map(), source), everything).writes).toEqual([
    {
      name: 'token',
      overwrite: false,
      input: { Type: 'SecureString', Value: 'new', KeyId: 'alias/staging', Tier: 'Advanced', Policies: '[{}]' },
    },
  ]);
  expect(makePlan(compareTrees(new Map(), source), { ...everything, keyId: 'alias/prod' }).writes[0]?.input.KeyId).toBe(
    'alias/prod',
  );
  const target = tree({
    token: {
      Type: 'SecureString',
      Value: 'old',
      KeyId: 'alias/prod',
      Tier: 'Standard',
      Policies: '[]',
      Description: 'said',
    },
  });
  expect(makePlan(compareTrees(target, source), everything).writes).toEqual([
    { name: 'token', overwrite: true, input: { Value: 'new', Description: '', Tier: 'Advanced' } },
  ]);
});

test('what is there already is changed only when that is asked', () => {
  const plan = makePlan(
    compareTrees(
      tree({ a: { Type: 'String', Value: '1' }, b: { Value: '2' } }),
      tree({ a: { Value: '2' }, c: { Value: '3' } }),
    ),
    { overwrite: false, remove: false },
  );
  expect(plan).toEqual({
    writes: [{ name: 'c', overwrite: false, input: { Type: 'String', Value: '3' } }],
    deletes: [],
    leftAlone: [{ name: 'b', why: 'only the target has it' }],
    refused: [{ name: 'a', why: 'it is there already and differs: --overwrite replaces it' }],
  });
  expect(() => refuseIfAny(plan)).toThrow('nothing was written\n  a: it is there already');
});

test('a value that is not known is not invented: not for a new parameter, nor a mask for an old one', () => {
  const file = tree({
    new: { Type: 'SecureString' },
    old: { Type: 'SecureString' },
    described: { Type: 'SecureString', Description: 'now said' },
  });
  const target = tree({
    old: { Type: 'SecureString', Value: 'x' },
    described: { Type: 'SecureString', Value: 'y', Description: '' },
  });
  const plan = makePlan(compareTrees(target, file), everything);
  expect(plan.leftAlone.map(({ name }) => name)).toEqual(['new', 'old']);
  expect(plan.writes).toEqual([{ name: 'described', overwrite: true, input: { Value: 'y', Description: 'now said' } }]);
  // Where the target cannot be read, the source's value is written.
  expect(
    makePlan(compareTrees(file, tree({ old: { Value: 'z' } })), { overwrite: true, remove: false }).writes,
  ).toEqual([{ name: 'old', overwrite: true, input: { Value: 'z' } }]);
});

test('an empty value and another type stand in the way of the whole', () => {
  const plan = makePlan(
    compareTrees(
      tree({ a: { Type: 'String', Value: '1' } }),
      tree({ a: { Type: 'SecureString', Value: '1' }, b: { Value: '' } }),
    ),
    everything,
  );
  expect(plan.refused).toEqual([
    { name: 'a', why: 'it is a String and cannot become a SecureString: delete it first' },
    { name: 'b', why: 'a parameter’s value may not be empty' },
  ]);
});

describe('differences', () => {
  test('a tree does not differ from itself; two differ the same from both sides', () => {
    fc.assert(
      fc.property(treeOf(storedEntry), treeOf(storedEntry), (a, b) => {
        expect(compareTrees(a, a)).toEqual([]);
        const turned = { added: 'removed', removed: 'added', changed: 'changed', unknown: 'unknown' } as const;
        expect(compareTrees(b, a)).toEqual(
          compareTrees(a, b).map((difference) => ({
            ...difference,
            kind: turned[difference.kind],
            before: difference.after,
            after: difference.before,
          })),
        );
      }),
    );
  });

  const differences = compareTrees(
    tree({
      gone: { Type: 'String', Value: '1' },
      host: { Type: 'String', Value: 'a', Description: 'x' },
      masked: { Type: 'SecureString', Value: 'x' },
      token: { Type: 'SecureString', Value: 'geheim' },
    }),
    tree({
      host: { Type: 'String', Value: 'b', Description: 'y' },
      key: { Type: 'SecureString', Value: 'geheim' },
      masked: { Type: 'SecureString' },
      token: { Type: 'SecureString', Value: 'geheimer' },
    }),
  );

  test('are lines; secrets are masked', () => {
    expect(showDifferences(differences, { decrypt: false })).toEqual([
      '- gone    String "1"',
      '~ host    Value "a" → "b"',
      '~ host    Description "x" → "y"',
      '+ key     SecureString (secret)',
      '? masked  SecureString not compared: one side does not tell its value',
      '~ token   Value (secret) differs',
    ]);
  });

  test('show secrets when asked', () => {
    expect(showDifferences(differences, { decrypt: true })).toContain('~ token   Value "geheim" → "geheimer"');
  });

  test('never show a secret unasked, whatever it is', () => {
    fc.assert(
      fc.property(treeOf(storedEntry), treeOf(storedEntry), (a, b) => {
        const marked = (side: Tree): Tree =>
          new Map(
            Array.from(side, ([name, entry]) => [
              name,
              entry.Type === 'SecureString' ? { ...entry, Value: `GEHEIM${entry.Value}` } : entry,
            ]),
          );
        expect(showDifferences(compareTrees(marked(a), marked(b)), { decrypt: false }).join('\n')).not.toContain(
          'GEHEIM',
        );
      }),
    );
  });

  test('hold no character that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shownText(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/);
        expect(JSON.parse(shownText(text))).toBe(text);
      }),
    );
  });
});

test('names and paths', () => {
  expect(['/app', '/app/', '/'].map(normalPath)).toEqual(['/app', '/app', '']);
  for (const wrong of ['app', '//app', '/a//b', '']) expect(() => normalPath(wrong)).toThrow('no path of parameters');
  expect(nameBelow('', 'root')).toBe('root');
  expect(nameBelow('/app', '/app/app/x')).toBe('app/x');
  fc.assert(
    fc.property(
      fc.constantFrom('', '/a', '/a/b'),
      anyName,
      (path, name) => nameBelow(path, fullName(path, name)) === name,
    ),
  );
});
