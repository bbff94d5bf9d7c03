import { describe, expect, test } from 'vitest';
import { parameterValues, readDocument } from '../../../core/documents/document.ts';
import type { Parameters } from '../../../core/documents/substitution.ts';
import { judgePrecondition } from '../../../core/documents/precondition.ts';

describe('readDocument', () => {
  test('schema 1.2: a step a plugin, an entry a property', () => {
    const document = readDocument({
      schemaVersion: '1.2',
      runtimeConfig: {
        'aws:runShellScript': {
          properties: [{ id: '0.aws:runShellScript', runCommand: ['a'] }, { runCommand: ['b'] }],
        },
      },
    });
    expect(document.steps).toMatchObject([
      {
        name: 'aws:runShellScript',
        action: 'aws:runShellScript',
        outputNames: ['0.awsrunShellScript', '1.awsrunShellScript'],
      },
    ]);
    expect(document.steps[0]!.inputs).toHaveLength(2);
  });
  test('schema 2.2: the main steps by name', () => {
    const document = readDocument({
      schemaVersion: '2.2',
      mainSteps: [
        { action: 'aws:runShellScript', name: 'one', inputs: {} },
        { action: 'aws:runShellScript', name: 'two', inputs: {} },
      ],
    });
    expect(document.steps.map((step) => step.name)).toEqual(['one', 'two']);
  });
  test.each([
    ['no object', 'text'],
    ['a schema nobody knows', { schemaVersion: '3.0', mainSteps: [] }],
    ['no steps', { schemaVersion: '2.2' }],
    [
      'two steps of one name',
      {
        schemaVersion: '2.2',
        mainSteps: [
          { action: 'a', name: 'x' },
          { action: 'a', name: 'x' },
        ],
      },
    ],
    ['a step without an action', { schemaVersion: '2.2', mainSteps: [{ name: 'x' }] }],
  ])('refuses %s', (_name, content) =>
    expect(() => readDocument(content)).toThrow(expect.objectContaining({ name: 'InvalidDocument' })),
  );
});

describe('parameterValues', () => {
  const definitions = {
    needed: { type: 'String' },
    chosen: { type: 'String', default: 'd' },
    number: { type: 'String', default: '5', allowedPattern: '^[0-9]+$' },
  };
  const values = (given: Parameters) => parameterValues(definitions, given, 'somebody');
  test('defaults fill what is not given', () =>
    expect(values({ needed: 'n' })).resolves.toEqual({ needed: 'n', chosen: 'd', number: '5' }));
  test('what is required must be given', () => expect(values({})).rejects.toThrow(/needed is required/));
  test('allowedPattern holds on the node too', () =>
    expect(values({ needed: 'n', number: '5; rm' })).rejects.toThrow(/does not match its allowedPattern/));
  test('a name that every object has is not given by that', () =>
    expect(parameterValues({ constructor: { type: 'String' } }, {}, 'somebody')).rejects.toThrow(
      /constructor is required/,
    ));
});

describe('judgePrecondition', () => {
  const judge = (precondition: object) => judgePrecondition(precondition as never, { os: 'linux', same: 'a' }, 'Linux');
  test.each([
    [{ StringEquals: ['platformType', 'Linux'] }, 'run'],
    [{ StringEquals: ['linux', 'platformType'] }, 'run'],
    [{ StringEquals: ['platformType', 'Windows'] }, 'skip'],
    [{ StringEquals: ['{{ same }}', 'a'] }, 'run'],
    [{ StringEquals: ['{{ same }}', 'b'] }, 'skip'],
    [{ StringEquals: ['platformType', 'BeOS'] }, 'skip'],
    [{ StringEquals: ['{{ same }}', '{{ os }}'] }, 'skip'],
  ])('%j: %s', (precondition, verdict) => expect(judge(precondition)).toBe(verdict));
  test.each([
    [{ StringLike: ['a', 'b'] }],
    [{ StringEquals: ['a'] }],
    [{ StringEquals: ['a', 'b'] }],
    [{ StringEquals: ['platformType', '{{ os }}'] }],
    [{ StringEquals: ['platformType', 'platformType'] }],
    [{ StringEquals: ['{{ same }}', '{{ same }}'] }],
    [{ StringEquals: ['{{ssm:os}}', '{{ same }}'] }],
  ])('%j is malformed', (precondition) => expect(judge(precondition)).toHaveProperty('invalid'));
});
