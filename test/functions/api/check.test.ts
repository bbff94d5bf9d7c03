/** The wording of constraint violations, on a model that has one of each. */
import { describe, expect, test } from 'vitest';
import { ValidationException } from '../../../core/errors.ts';
import type { Shape } from '../../../functions/api/model.ts';
import { checks } from '../../../functions/api/shapes/check.ts';
import { decoders } from '../../../functions/api/shapes/decode.ts';

const shapes: Readonly<Record<string, Shape>> = {
  Input: {
    type: 'structure',
    required: ['Name'],
    members: {
      Name: { shape: 'Name' },
      InstanceIds: { shape: 'Ids' },
      Targets: { shape: 'Targets' },
      Parameters: { shape: 'Parameters' },
      Number: { shape: 'Number' },
      Kind: { shape: 'Kind' },
      Secret: { shape: 'Secret' },
      Secrets: { shape: 'Secrets' },
      Payload: { shape: 'Payload' },
      Choice: { shape: 'Choice' },
      Tree: { shape: 'Tree' },
      Free: { shape: 'Free' },
    },
  },
  Name: { type: 'string', min: 2, max: 4, pattern: '[a-z]+' },
  Ids: { type: 'list', max: 2, member: { shape: 'Id' } },
  Id: { type: 'string', min: 1, max: 5, pattern: 'i-[0-9]+' },
  Targets: { type: 'list', min: 1, member: { shape: 'Target' } },
  Target: { type: 'structure', required: ['Key'], members: { Key: { shape: 'Name' }, Values: { shape: 'Ids' } } },
  Parameters: { type: 'map', max: 2, key: { shape: 'Name' }, value: { shape: 'Values' } },
  Values: { type: 'list', max: 1, member: { shape: 'Id' } },
  Number: { type: 'integer', min: 1, max: 10 },
  Kind: { type: 'string', enum: ['A', 'B'] },
  Secret: { type: 'string', max: 3, sensitive: true },
  Secrets: { type: 'list', max: 1, member: { shape: 'Secret' } },
  Payload: { type: 'blob', max: 2 },
  Choice: { type: 'structure', union: true, members: { One: { shape: 'Free' }, Other: { shape: 'Free' } } },
  Tree: { type: 'structure', members: { Name: { shape: 'Name' }, Branches: { shape: 'Trees' } } },
  Trees: { type: 'list', member: { shape: 'Tree' } },
  Free: { type: 'string' },
};
const decode = decoders({ shapes })('Input');
const check = checks({ shapes })('Input');

/** The violations of an input that is right but for what is given. */
function violations(input: object): string {
  try {
    check(decode({ Name: 'name', ...input }) as object);
  } catch (error) {
    if (error instanceof ValidationException) return error.message;
    throw error;
  }
  return '';
}

const one = (text: string): string => `1 validation error detected: ${text}`;

describe('constraint violations', () => {
  test.each<[object, string]>([
    [{}, ''],
    [{ Name: null }, one("Value null at 'name' failed to satisfy constraint: Member must not be null")],
    [
      { Name: 'a' },
      one("Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2"),
    ],
    [
      { Name: 'abcde' },
      one("Value 'abcde' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4"),
    ],
    [
      { Name: 'aB' },
      one("Value 'aB' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"),
    ],
    [
      { Name: 'ab\n' },
      one(
        "Value 'ab\n' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
      ),
    ],
    [
      { Number: 0 },
      one("Value '0' at 'number' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ],
    [
      { Number: 11 },
      one("Value '11' at 'number' failed to satisfy constraint: Member must have value less than or equal to 10"),
    ],
    [
      { Kind: 'C' },
      one("Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]"),
    ],
    [
      { Payload: 'AQID' },
      one(
        "Value 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' at 'payload' failed to satisfy constraint: Member must have length less than or equal to 2",
      ),
    ],
    [
      { Targets: [] },
      one("Value '[]' at 'targets' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ],
    [
      { InstanceIds: ['i-1', 'i-2', 'i-3'] },
      one(
        "Value '[i-1, i-2, i-3]' at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to 2",
      ),
    ],
    [
      { InstanceIds: ['i-1', 'x'] },
      one(
        "Value '[i-1, x]' at 'instanceIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 1, Member must have length less than or equal to 5, Member must satisfy regular expression pattern: i-[0-9]+]",
      ),
    ],
    [
      { Targets: [{ Key: 'ab' }, {}] },
      one("Value null at 'targets.2.member.key' failed to satisfy constraint: Member must not be null"),
    ],
    [
      { Targets: [null] },
      one("Value null at 'targets.1.member' failed to satisfy constraint: Member must not be null"),
    ],
    [
      { Parameters: { ab: ['i-1', 'i-2'] } },
      one(
        "Value '[i-1, i-2]' at 'parameters.ab.member' failed to satisfy constraint: Member must have length less than or equal to 1",
      ),
    ],
    [
      { Parameters: { ab: null } },
      one("Value null at 'parameters.ab.member' failed to satisfy constraint: Member must not be null"),
    ],
    [
      { Parameters: { A: [] } },
      one(
        "Value '{A=[]}' at 'parameters' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length greater than or equal to 2, Member must have length less than or equal to 4, Member must satisfy regular expression pattern: [a-z]+]",
      ),
    ],
    [
      { Secret: 'abcd' },
      one("Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 3"),
    ],
    [
      { Secrets: ['a', 'b'] },
      one("Value at 'secrets' failed to satisfy constraint: Member must have length less than or equal to 1"),
    ],
    [
      { Secrets: ['abcd'] },
      one(
        "Value at 'secrets' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 3]",
      ),
    ],
    [
      { Choice: {} },
      one("Value '{}' at 'choice' failed to satisfy constraint: Member must have exactly one of its members set"),
    ],
    [
      { Choice: { One: 'a', Other: 'b' } },
      one(
        "Value '{One=a, Other=b}' at 'choice' failed to satisfy constraint: Member must have exactly one of its members set",
      ),
    ],
    [
      { Tree: { Branches: [{ Branches: [{ Name: 'x' }] }] } },
      one(
        "Value 'x' at 'tree.branches.1.member.branches.1.member.name' failed to satisfy constraint: Member must have length greater than or equal to 2",
      ),
    ],
  ])('%j', (input, message) => {
    expect(violations(input)).toBe(message);
  });

  test('all of them in one message, in the order of the members', () => {
    expect(violations({ Kind: 'C', Name: 'A', Number: 11 })).toBe(
      "4 validation errors detected: Value 'A' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2; Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; Value '11' at 'number' failed to satisfy constraint: Member must have value less than or equal to 10; Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
    );
  });

  test('a character outside the basic plane counts once', () => {
    expect(violations({ Secret: '😀😀😀' })).toBe('');
    expect(violations({ Secret: '😀😀😀😀' })).not.toBe('');
    expect(violations({ Name: '😀' })).toContain('greater than or equal to 2');
  });

  test('a key named __proto__ is a key', () => {
    const input = decode(JSON.parse('{"Parameters":{"__proto__":["i-1"]}}')) as { Parameters: object };
    expect(Object.keys(input.Parameters)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(input.Parameters)).toBe(Object.prototype);
  });
});
