/** What a caller may give a document, and what of it reaches the node. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { executionTimeoutOf } from '../../../../functions/change-management/documents/execution-timeout.ts';
import {
  checkParameters,
  parametersOf,
  typedParameters,
} from '../../../../functions/change-management/documents/parameters.ts';

const document = (parameters: object) => ({ name: 'Doc', parameters: parametersOf({ parameters }) });
const refused = async (parameters: object, given: Record<string, string[]>) => {
  try {
    await checkParameters(document(parameters), given, 'somebody');
  } catch (error) {
    expect(error).toHaveProperty('code', 'InvalidParameters');
    return (error as Error).message;
  }
  return undefined;
};

describe('checkParameters', () => {
  test.each<[string, object, Record<string, string[]>, string | undefined]>([
    ['required and absent', { a: { type: 'String' } }, {}, 'The parameter a of document Doc is required.'],
    ['absent with a default', { a: { type: 'String', default: '' } }, {}, undefined],
    ['unknown', { a: { type: 'String', default: '' } }, { b: ['1'] }, 'Document Doc has no parameter b. It has: a.'],
    [
      'one that every object has',
      {},
      { constructor: ['1'] },
      'Document Doc has no parameter constructor. It has none.',
    ],
    ['two values for one', { a: { type: 'String' } }, { a: ['1', '2'] }, 'The parameter a takes one value, not 2.'],
    ['none for one', { a: { type: 'String' } }, { a: [] }, 'The parameter a takes one value, not 0.'],
    [
      'too few',
      { a: { type: 'StringList', minItems: 1 } },
      { a: [] },
      'The parameter a takes at least 1 values, not 0.',
    ],
    [
      'too many',
      { a: { type: 'StringList', maxItems: 1 } },
      { a: ['1', '2'] },
      'The parameter a takes at most 1 values, not 2.',
    ],
    [
      'not among the allowed',
      { a: { type: 'String', allowedValues: ['x', 'y'] } },
      { a: ['z'] },
      'The value of parameter a is none of the allowed: x, y.',
    ],
    ['an allowed boolean', { a: { type: 'Boolean', allowedValues: [true] } }, { a: ['true'] }, undefined],
    [
      'not of the pattern',
      { a: { type: 'String', allowedPattern: '^[a-z]+$' } },
      { a: ['A'] },
      'The value of parameter a does not match the pattern ^[a-z]+$',
    ],
    [
      'one of a list not of the pattern',
      { a: { type: 'StringList', allowedPattern: '^[a-z]+$' } },
      { a: ['a', 'B'] },
      'The value of parameter a does not match the pattern ^[a-z]+$',
    ],
    [
      'a pattern with a look ahead',
      { a: { type: 'String', allowedPattern: '^(?!.*--)[a-z-]{3,20}$' } },
      { a: ['a--b'] },
      'The value of parameter a does not match the pattern ^(?!.*--)[a-z-]{3,20}$',
    ],
    [
      'a pattern that would take for ever',
      { a: { type: 'String', allowedPattern: '^(a+)+$' } },
      { a: [`${'a'.repeat(40)}!`] },
      'The value of parameter a takes too long to compare with the pattern ^(a+)+$',
    ],
    [
      "Java's and Go's flags and anchors",
      { a: { type: 'String', allowedPattern: '(?i)\\Aabc\\z' } },
      { a: ['ABC'] },
      undefined,
    ],
    [
      'too short',
      { a: { type: 'String', minChars: 2 } },
      { a: ['x'] },
      'The value of parameter a has fewer than 2 characters.',
    ],
    [
      'too long',
      { a: { type: 'String', maxChars: 2 } },
      { a: ['xyz'] },
      'The value of parameter a has more than 2 characters.',
    ],
    ['no boolean', { a: { type: 'Boolean' } }, { a: ['True'] }, 'The value of parameter a is neither true nor false.'],
    ['no integer', { a: { type: 'Integer' } }, { a: ['1.5'] }, 'The value of parameter a is not an integer.'],
    ['no map', { a: { type: 'StringMap' } }, { a: ['[]'] }, 'The value of parameter a is not a JSON object.'],
    [
      'a reference is not judged before it is resolved',
      { a: { type: 'String', allowedPattern: '^x$' } },
      { a: ['{{ssm:/x}}'] },
      undefined,
    ],
  ])('%s', async (_name, parameters, given, message) => {
    expect(await refused(parameters, given)).toBe(message);
  });

  test('lists of strings in any number pass where nothing is said against them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string()),
        async (values) => (await refused({ a: { type: 'StringList' } }, { a: values })) === undefined,
      ),
    );
  });
});

test('typedParameters: as the node takes them', () => {
  const parameters = {
    text: { type: 'String' },
    list: { type: 'StringList' },
    yes: { type: 'Boolean' },
    many: { type: 'Integer' },
    map: { type: 'StringMap' },
    maps: { type: 'MapList' },
    left: { type: 'String', default: 'x' },
  };
  const given = {
    text: ['a'],
    list: ['a', 'b'],
    yes: ['true'],
    many: ['42'],
    map: ['{"a":1}'],
    maps: ['{"a":1}', '{"b":2}'],
  };
  expect(typedParameters(document(parameters), given)).toEqual({
    text: 'a',
    list: ['a', 'b'],
    yes: true,
    many: 42,
    map: '{"a":1}',
    maps: [{ a: 1 }, { b: 2 }],
  });
});

test('typedParameters: a reference to Parameter Store is left alone, whatever the type', () => {
  const parameters = { many: { type: 'Integer' }, list: { type: 'StringList' } };
  expect(typedParameters(document(parameters), { many: ['{{ssm:n}}'], list: ['{{ ssm:n }}'] })).toEqual({
    many: '{{ssm:n}}',
    list: ['{{ ssm:n }}'],
  });
});

test('executionTimeoutOf: the parameter, its default, or an hour', () => {
  const parameters = document({ executionTimeout: { type: 'String', default: '600' } });
  expect(executionTimeoutOf(parameters, { executionTimeout: ['60'] })).toBe(60);
  expect(executionTimeoutOf(parameters, {})).toBe(600);
  expect(executionTimeoutOf(parameters, { executionTimeout: ['1'] })).toBe(3600);
  expect(executionTimeoutOf(parameters, { executionTimeout: ['{{ssm:t}}'] })).toBe(3600);
  expect(executionTimeoutOf(document({}), {})).toBe(3600);
});
