/**
 * Versions and labels under any sequence of changes and under two writers; paths over any names; values of any
 * characters.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../../../../core/errors.ts';
import { testContext } from '../../../support/context.ts';
import { caller } from './parameter-store-fixture.ts';

interface Model {
  version: number;
  oldest: number;
  readonly values: Map<number, string>;
  readonly labels: Map<string, number>;
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), value: fc.string({ minLength: 1, maxLength: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('many' as const), count: fc.integer({ min: 40, max: 99 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('label' as const),
      back: fc.nat(120),
      label: fc.constantFrom('a', 'b', 'c', '1x'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('unlabel' as const),
      back: fc.nat(120),
      label: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
);

test('versions and labels are those of a model, whatever is done in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const flotilla = testContext();
      const call = caller(flotilla);
      try {
        let model: Model | undefined;
        const put = async (value: string): Promise<void> => {
          const next = (model?.version ?? 0) + 1;
          const full = model !== undefined && next - model.oldest >= 100;
          const held = model !== undefined && full && [...model.labels.values()].includes(model.oldest);
          const answer = await call('PutParameter', {
            Name: '/p',
            Value: value,
            Type: 'String',
            Overwrite: true,
          }).catch(codeOf);
          if (held) return void expect(answer).toBe('ParameterMaxVersionLimitExceeded');
          expect(answer).toEqual({ Version: next, Tier: 'Standard' });
          model ??= { version: 0, oldest: 1, values: new Map(), labels: new Map() };
          model.version = next;
          model.values.set(next, value);
          if (full) model.values.delete(model.oldest++);
        };
        for (const one of steps) {
          if (one.kind === 'put') await put(one.value);
          else if (one.kind === 'many') for (let at = 0; at < one.count; at++) await put(`m${at}`);
          else if (one.kind === 'delete') {
            expect(await call('DeleteParameter', { Name: '/p' }).catch(codeOf)).toEqual(
              model === undefined ? 'ParameterNotFound' : {},
            );
            model = undefined;
          } else {
            const version = (model?.version ?? 1) - one.back;
            const input = { Name: '/p', ParameterVersion: version, Labels: [one.label] };
            const answer = await call(
              one.kind === 'label' ? 'LabelParameterVersion' : 'UnlabelParameterVersion',
              input,
            ).catch(codeOf);
            if (model === undefined) expect(answer).toBe('ParameterNotFound');
            else if (!model.values.has(version)) expect(answer).toBe('ParameterVersionNotFound');
            else if (one.kind === 'label') {
              if (one.label !== '1x') model.labels.set(one.label, version);
              expect(answer).toEqual({ InvalidLabels: one.label === '1x' ? ['1x'] : [], ParameterVersion: version });
            } else {
              const has = model.labels.get(one.label) === version;
              if (has) model.labels.delete(one.label);
              expect(answer).toEqual({ RemovedLabels: has ? [one.label] : [], InvalidLabels: has ? [] : [one.label] });
            }
          }
        }
        if (model === undefined) return;
        const seen: [number, string, string[]][] = [];
        let NextToken: string | undefined;
        do {
          const page = await call('GetParameterHistory', { Name: '/p', MaxResults: 30, NextToken });
          seen.push(
            ...page.Parameters!.map(({ Version, Value, Labels }): [number, string, string[]] => [
              Version!,
              Value!,
              Labels!,
            ]),
          );
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
        const { labels } = model;
        expect(seen).toEqual(
          [...model.values].map(([version, value]) => [
            version,
            value,
            [...labels].flatMap(([label, at]) => (at === version ? [label] : [])).sort(),
          ]),
        );
        for (const [label, version] of labels)
          expect((await call('GetParameter', { Name: `/p:${label}` })).Parameter).toMatchObject({
            Version: version,
            Value: model.values.get(version),
          });
      } finally {
        await flotilla.close();
      }
    }),
    { numRuns: 25 },
  );
});

test('two writers at once: no version is skipped, none given twice, and each has its own value', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 8 }), async (writers, each) => {
      const flotilla = testContext();
      const call = caller(flotilla);
      try {
        const answers = await Promise.all(
          Array.from({ length: writers }, async (_, writer) => {
            const own: [number, string][] = [];
            for (let at = 0; at < each; at++) {
              const Value = `${writer}-${at}`;
              own.push([
                (await call('PutParameter', { Name: '/p', Value, Type: 'String', Overwrite: true })).Version!,
                Value,
              ]);
            }
            return own;
          }),
        );
        const all = answers.flat().sort(([one], [other]) => one - other);
        expect(all.map(([version]) => version)).toEqual(Array.from({ length: writers * each }, (_, at) => at + 1));
        for (const [version, value] of all)
          expect((await call('GetParameter', { Name: `/p:${version}` })).Parameter!.Value).toBe(value);
        const first = await Promise.all(
          Array.from({ length: writers }, () =>
            call('PutParameter', { Name: '/once', Value: 'v', Type: 'String' }).catch(codeOf),
          ),
        );
        expect(first.filter((answer) => answer === 'ParameterAlreadyExists')).toHaveLength(writers - 1);
      } finally {
        await flotilla.close();
      }
    }),
    { numRuns: 15 },
  );
});

const segment = fc.string({
  unit: fc.constantFrom('a', 'b', 'B', '-', '.', '_', '0', 'z'),
  minLength: 1,
  maxLength: 3,
});
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);

test('a path has what is under it, in order, however names begin alike', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 10 }),
      async (names, Recursive, MaxResults) => {
        const flotilla = testContext();
        const call = caller(flotilla);
        try {
          for (const Name of names) await call('PutParameter', { Name, Value: 'v', Type: 'String' });
          for (const Path of ['/', ...names]) {
            const prefix = Path === '/' ? '/' : `${Path}/`;
            const expected = names
              .filter((one) => one.startsWith(prefix) && (Recursive || !one.includes('/', prefix.length)))
              .sort();
            const seen: string[] = [];
            let NextToken: string | undefined;
            do {
              const page = await call('GetParametersByPath', { Path, Recursive, MaxResults, NextToken });
              seen.push(...page.Parameters!.map((parameter) => parameter.Name!));
              NextToken = page.NextToken;
            } while (NextToken !== undefined);
            expect(seen, Path).toEqual(expected);
          }
          expect(
            (await call('DescribeParameters', { MaxResults: 50 })).Parameters!.map((parameter) => parameter.Name),
          ).toEqual([...names].sort());
        } finally {
          await flotilla.close();
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('every value comes back as it was sent', async () => {
  const flotilla = testContext();
  const call = caller(flotilla);
  try {
    let at = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
        fc.constantFrom('String', 'SecureString', 'StringList'),
        async (Value, Type) => {
          fc.pre(!/\{\{\s*ssm/.test(Value));
          const Name = `/u${at++}`;
          await call('PutParameter', { Name, Value, Type });
          expect((await call('GetParameter', { Name, WithDecryption: true })).Parameter!.Value).toBe(Value);
        },
      ),
      { numRuns: 200 },
    );
    for (const Value of ['\ud800', 'a\udfff'])
      expect(await call('PutParameter', { Name: '/half', Value, Type: 'String' }).catch(codeOf)).toBe(
        'ValidationException',
      );
    for (const Value of ['\0', '﻿x', '\u2028', '𝕏👩‍👩‍👧', 'e\u0301', '"\\"', '\r\n\t ']) {
      await call('PutParameter', { Name: '/odd', Value, Type: 'String', Overwrite: true });
      expect((await call('GetParameter', { Name: '/odd' })).Parameter!.Value).toBe(Value);
    }
  } finally {
    await flotilla.close();
  }
});

function codeOf(error: unknown): string {
  if (error instanceof ApiError) return error.code;
  throw error;
}
